namespace MLNet.Devise.Scoring.Engine;

/// <summary>
/// Fills batches on the caller's thread, works on several at a time on others, and hands them back in order. It runs ahead of its
/// reader by two batches a worker, no more, so memory is bounded however long the input.
/// </summary>
/// <param name="workers">Batches worked on at a time.</param>
/// <param name="create">Makes an empty batch.</param>
/// <param name="fill">Reads at most <see cref="EmbeddingBatch.Limit"/> rows into a batch; one left with <see cref="EmbeddingBatch.Count"/> 0 ends the input.</param>
/// <param name="work">The work on one batch.</param>
/// <param name="cancellation">The caller's own.</param>
internal sealed class BatchPump<TBatch>(int workers, Func<TBatch> create, Action<TBatch> fill, Action<TBatch, CancellationToken> work, CancellationToken cancellation) : IDisposable
    where TBatch : EmbeddingBatch
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    private readonly TaskFactory _workers = new(new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, workers).ConcurrentScheduler);
    private readonly Queue<(TBatch Batch, Task Work)> _underway = new();
    private readonly Stack<TBatch> _free = new();
    private TBatch? _current;
    private long _read;
    private bool _ended;

    /// <summary>The next batch, worked on, or <see langword="null"/> at the end; the one before is used again.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public TBatch? Next()
    {
        cancellation.ThrowIfCancellationRequested();
        if (_current is not null) _free.Push(_current);
        _current = null;
        RunAhead();
        if (!_underway.TryPeek(out var first)) return null;
        first.Work.GetAwaiter().GetResult();
        _underway.Dequeue();
        return _current = first.Batch;
    }

    /// <summary>Stops the work; nothing of it runs any more afterwards.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        foreach (var (_, task) in _underway) ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
        _stop.Dispose();
    }

    private void RunAhead()
    {
        while (!_ended && _underway.Count < 2 * workers)
        {
            var batch = _free.Count > 0 ? _free.Pop() : create();
            // Small batches first: the first row comes soon, and a short input is shared out evenly.
            batch.Limit = (int)Math.Min(batch.Capacity, 1 + _read / (2 * workers));
            fill(batch);
            if (batch.Count == 0)
            {
                _free.Push(batch);
                _ended = true;
                return;
            }
            _read += batch.Count;
            var token = _stop.Token;
            _underway.Enqueue((batch, _workers.StartNew(() => work(batch, token), token)));
        }
    }
}

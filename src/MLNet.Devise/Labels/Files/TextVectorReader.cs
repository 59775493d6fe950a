namespace MLNet.Devise.Labels.Files;

/// <summary>
/// Text, with a header or without. Whoever asks for rows reads pieces of the file, threads of the pool parse some of them ahead, and they
/// come back in the file's order: the rows are the same for any number of threads.
/// </summary>
internal sealed class TextVectorReader : VectorReader
{
    private readonly Stream _stream;
    private readonly Func<TextChunk> _new;
    private readonly Queue<Task<TextChunk>> _ahead = [];
    private readonly Stack<TextChunk> _spare = [];
    private readonly int _window = Environment.ProcessorCount + 2;
    private TextChunk? _current;
    private byte[] _rest = [];
    private long _lines;
    private bool _begun, _ended;

    public TextVectorReader(VectorFile file, VectorShape shape, Predicate<string>? wanted, bool values) : base(file.Path, shape)
    {
        _stream = file.Open();
        // A byte more than a small file has: then its end is seen at once.
        var size = (int)Math.Min(TextChunk.MaxSize - 1, file.Length ?? long.MaxValue) + 1;
        _new = () => new(size, shape.Dimension, wanted, values);
    }

    public override bool TryRead(out VectorBatch batch)
    {
        if (_current is not null) _spare.Push(_current);
        _current = null;
        while (!_ended && _ahead.Count < _window && TryFill(_spare.TryPop(out var spare) ? spare : _new()) is { } filled) _ahead.Enqueue(Task.Run(filled.Parse));
        if (!_ahead.TryDequeue(out var next))
        {
            batch = null!;
            Finish();
            return false;
        }
        var chunk = _current = next.GetAwaiter().GetResult();
        batch = chunk.Batch;
        batch.First = Rows;
        foreach (var (line, what) in chunk.Bad) Problems.AddBad($"{_lines + line + 1}", what);
        if (Rows + chunk.Rows > Shape.Count) throw Bad(chunk.LineOf((int)(Shape.Count.Value - Rows)) + 1, $"more rows than the {Shape.Count} that the header says");
        Rows += chunk.Rows;
        _lines += chunk.Lines;
        Problems.Check(Rows, whole: false);
        return chunk.IsCut ? throw Bad(1, $"a line of more than {TextChunk.MaxSize} bytes, expected a text file of word vectors") : true;
    }

    protected override void Dispose(bool disposing)
    {
        Task.WaitAll([.. _ahead]);
        _stream.Dispose();
    }

    /// <summary>Puts the next whole lines into a piece; null at the end.</summary>
    private TextChunk? TryFill(TextChunk chunk)
    {
        do
        {
            var bytes = chunk.Bytes;
            _rest.CopyTo(bytes, 0);
            var length = _rest.Length + _stream.ReadAtLeast(bytes.AsSpan(_rest.Length), bytes.Length - _rest.Length, throwOnEndOfStream: false);
            _ended = length < bytes.Length;
            var end = _ended ? length : bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
            (chunk.Start, chunk.End, chunk.IsCut) = (0, end, end == 0 && length > 0);
            _rest = bytes[end..length];
            // Nothing after a line that does not fit is of any use.
            if (chunk.IsCut) _ended = true;
            if (!_begun) Begin(chunk);
        }
        // The header may be all of a piece.
        while (chunk.Start == chunk.End && !_ended);
        return chunk.Start < chunk.End || chunk.IsCut ? chunk : null;
    }

    /// <summary>Leaves a byte-order mark and the header out of the first piece.</summary>
    private void Begin(TextChunk chunk)
    {
        _begun = true;
        var text = chunk.Bytes.AsSpan(..chunk.End);
        chunk.Start = text.Length - TextLines.WithoutMark(text).Length;
        if (Shape.Count is null) return;
        var header = text.IndexOf((byte)'\n');
        chunk.Start = header < 0 ? chunk.End : header + 1;
        _lines = 1;
    }

    private void Finish()
    {
        if (Shape.Count is { } promised && Rows != promised) throw Bad(0, $"the file ends after {Rows} words, but its header says {promised}: it is incomplete, fetch it again");
        Problems.Check(Rows, whole: true);
        if (Rows == 0) throw Bad(0, "no row in it, expected words and their values");
    }

    private DeviseInputException Bad(int line, string what) => new($"{Path}:{Math.Max(1, _lines + line)}: {what}");
}

using System.Collections.Concurrent;
using System.Numerics.Tensors;

namespace MLNet.Devise.Scoring.Engine;

/// <summary>Images → embeddings: reads squares into one tensor, then runs the network over all of them at once. Safe for many threads.</summary>
internal sealed class EmbeddingEngine(SquareReader squares, Network network, EngineLayout layout, int dimension) : IDisposable
{
    private readonly ConcurrentBag<Tensors> _free = [];

    /// <summary>How the work is shared out.</summary>
    public EngineLayout Layout => layout;

    /// <summary>Values an embedding.</summary>
    public int Dimension => dimension;

    /// <summary>Fills in statuses, reasons and embeddings. Bad images cost the network nothing.</summary>
    public void Embed(EmbeddingBatch batch, CancellationToken cancellation)
    {
        if (!_free.TryTake(out var tensors) || tensors.Rows.Length < batch.Count) tensors = new(Math.Max(layout.BatchSize, batch.Count), squares.Length, dimension);
        var good = 0;
        for (var row = 0; row < batch.Count; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            var pixels = tensors.Pixels.AsSpan(good * squares.Length, squares.Length);
            if (squares.TryRead(batch.Sources[row], pixels, out batch.Statuses[row], out batch.Errors[row])) tensors.Rows[good++] = row;
        }
        if (good > 0)
        {
            network.Run(tensors.Pixels, good, squares.Side, tensors.Embeddings, dimension);
            for (var i = 0; i < good; i++)
            {
                var row = tensors.Rows[i];
                var embedding = tensors.Embeddings.AsSpan(i * dimension, dimension);
                if (float.IsFinite(TensorPrimitives.Norm<float>(embedding))) embedding.CopyTo(batch.Embedding(row));
                else (batch.Statuses[row], batch.Errors[row]) = (ImageStatus.NotFinite, "the network's output is not finite");
            }
        }
        _free.Add(tensors);
    }

    public void Dispose()
    {
        network.Dispose();
        _free.Clear();
    }

    /// <summary>One worker's input and output, and which row of the batch each image came from.</summary>
    private sealed class Tensors(int images, int length, int dimension)
    {
        public byte[] Pixels { get; } = GC.AllocateUninitializedArray<byte>(images * length, pinned: true);

        public float[] Embeddings { get; } = GC.AllocateUninitializedArray<float>(images * dimension, pinned: true);

        public int[] Rows { get; } = new int[images];
    }
}

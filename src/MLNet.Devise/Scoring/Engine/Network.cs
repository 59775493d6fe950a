using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using MLNet.Devise.Onnx;
using MLNet.Devise.Scoring.Convolutions;

namespace MLNet.Devise.Scoring.Engine;

/// <summary>
/// The ONNX network in memory. Safe for many threads; a run that is under way when it is disposed still ends well, the next one throws.
/// </summary>
internal sealed class Network : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string _source;
    private Trunk? _trunk;
    private readonly string[] _inputs = [Columns.Pixels];
    // The owner's own lease, and one a run.
    private int _leases = 1;
    private int _disposed;

    /// <summary>Loads a network; the bytes are not needed afterwards.</summary>
    /// <param name="onnx">A checked model: see <see cref="NetworkFile"/>.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <param name="intraOpThreads">Threads that one run may use.</param>
    /// <param name="provider">What computes.</param>
    /// <param name="side">Side of an image, pixels, where layers of our own may take the place of ONNX Runtime's; they do on one thread of a processor.</param>
    /// <exception cref="DeviseInputException">ONNX Runtime cannot load it, or has no such provider.</exception>
    public Network(byte[] onnx, string source, int intraOpThreads, ExecutionProvider provider = ExecutionProvider.Cpu, int? side = null)
    {
        _source = source;
        if (side is { } known && provider == ExecutionProvider.Cpu && intraOpThreads == 1 && TrunkReader.TryRead(ModelProto.Parser.ParseFrom(onnx), known) is var (trunk, head))
            (_trunk, _inputs, onnx) = (trunk, [.. head.Graph.Input.Select(input => input.Name)], head.ToByteArray());
        using var options = ExecutionProviders.Settings(provider, intraOpThreads);
        try { _session = new InferenceSession(onnx, options); }
        catch (OnnxRuntimeException e) { throw NetworkFile.CannotLoad(source, e); }
    }

    /// <summary>Whether layers of our own compute its convolutions.</summary>
    public bool HasTrunk => _trunk is not null;

    /// <summary>Embeds a batch.</summary>
    /// <param name="pixels">count × 3 × side × side values in 0..1.</param>
    /// <param name="count">Images, at least 1.</param>
    /// <param name="side">Side of an image, pixels.</param>
    /// <param name="embeddings">Receives count × dimension values.</param>
    /// <param name="dimension">Values an embedding.</param>
    /// <exception cref="ObjectDisposedException">The network was disposed.</exception>
    public void Run(Memory<float> pixels, int count, int side, Memory<float> embeddings, int dimension)
    {
        Enter();
        try
        {
            var images = pixels[..(count * 3 * side * side)];
            if (_trunk is not { } trunk) Run([(images, [count, 3, side, side])], count, embeddings, dimension);
            else
            {
                float[][] pooled = [.. trunk.Outputs.Select(map => new float[count * map.Channels])];
                trunk.Run(images.Span, count, pooled);
                Run([.. pooled.Select((values, i) => (values.AsMemory(), new long[] { count, trunk.Outputs[i].Channels, 1, 1 }))], count, embeddings, dimension);
            }
        }
        finally { Leave(); }
    }

    private void Run(IReadOnlyList<(Memory<float> Values, long[] Shape)> inputs, int count, Memory<float> embeddings, int dimension)
    {
        var tensors = inputs.Select(input => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, input.Values, input.Shape)).ToArray();
        try
        {
            using var output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, embeddings[..(count * dimension)], [count, dimension]);
            using var options = new RunOptions();
            _session.Run(options, _inputs, tensors, [Columns.Embedding], [output]);
        }
        finally
        {
            foreach (var tensor in tensors) tensor.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) Leave();
    }

    private void Enter()
    {
        for (var seen = Volatile.Read(ref _leases); seen > 0;)
        {
            var found = Interlocked.CompareExchange(ref _leases, seen + 1, seen);
            if (found == seen)
            {
                if (Volatile.Read(ref _disposed) == 0) return;
                Leave();
                break;
            }
            seen = found;
        }
        throw new ObjectDisposedException(_source, $"{_source}: the model was disposed before its rows were read");
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _leases) != 0) return;
        _session.Dispose();
        _trunk = null;
    }
}

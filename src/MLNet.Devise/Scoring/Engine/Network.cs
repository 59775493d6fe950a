using System.Collections.Concurrent;
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
    private readonly bool _readsBytes;
    // One a run at a time, where pixels must be made numbers.
    private readonly ConcurrentBag<float[]> _planes = [];
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
    /// <param name="side">
    /// Side of an image, pixels, where our own may take the place of ONNX Runtime's layers on a processor: the first of an int8 network, and
    /// all up to pooling of others that run on one thread.
    /// </param>
    /// <exception cref="DeviseInputException">ONNX Runtime cannot load it, or has no such provider.</exception>
    public Network(byte[] onnx, string source, int intraOpThreads, ExecutionProvider provider = ExecutionProvider.Cpu, int? side = null)
    {
        _source = source;
        if (side is { } known && provider == ExecutionProvider.Cpu)
        {
            var model = ModelProto.Parser.ParseFrom(onnx);
            if (intraOpThreads == 1 && TrunkReader.TryRead(model, known) is var (trunk, head)) (_trunk, _inputs, onnx) = (trunk, [.. head.Graph.Input.Select(input => input.Name)], head.ToByteArray());
            else if (ByteImages.TryRead(model, known) is { } reading) (_readsBytes, onnx) = (true, reading.ToByteArray());
        }
        using var options = ExecutionProviders.Settings(provider, intraOpThreads);
        try { _session = new InferenceSession(onnx, options); }
        catch (OnnxRuntimeException e) { throw NetworkFile.CannotLoad(source, e); }
    }

    /// <summary>Whether layers of our own compute its convolutions.</summary>
    public bool HasTrunk => _trunk is not null;

    /// <summary>Whether it reads images as they are, without making numbers in 0..1 of them.</summary>
    public bool ReadsBytes => _readsBytes;

    /// <summary>Embeds a batch.</summary>
    /// <param name="pixels">count × side × side pixels: see <see cref="InterleavedPixels"/>.</param>
    /// <param name="count">Images, at least 1.</param>
    /// <param name="side">Side of an image, pixels.</param>
    /// <param name="embeddings">Receives count × dimension values.</param>
    /// <param name="dimension">Values an embedding.</param>
    /// <exception cref="ObjectDisposedException">The network was disposed.</exception>
    public void Run(Memory<byte> pixels, int count, int side, Memory<float> embeddings, int dimension)
    {
        Enter();
        try
        {
            var images = pixels[..(count * side * side * InterleavedPixels.Channels)];
            if (_readsBytes) Run([Tensor(images, count, side, side, InterleavedPixels.Channels)], count, embeddings, dimension);
            else if (_trunk is not { } trunk) RunPlanes(images.Span, count, side, embeddings, dimension);
            else
            {
                float[][] pooled = [.. trunk.Outputs.Select(map => new float[count * map.Channels])];
                trunk.Run(images.Span, count, pooled);
                Run([.. pooled.Select((values, i) => Tensor(values.AsMemory(), count, trunk.Outputs[i].Channels, 1, 1))], count, embeddings, dimension);
            }
        }
        finally { Leave(); }
    }

    private void RunPlanes(ReadOnlySpan<byte> pixels, int count, int side, Memory<float> embeddings, int dimension)
    {
        var (bytes, values) = (InterleavedPixels.Channels * side * side, PlanarPixels.Planes * side * side);
        if (!_planes.TryTake(out var planes) || planes.Length < count * values) planes = GC.AllocateUninitializedArray<float>(count * values);
        for (var image = 0; image < count; image++) PlanarPixels.Fill(pixels.Slice(image * bytes, bytes), planes.AsSpan(image * values, values));
        Run([Tensor(planes.AsMemory(0, count * values), count, PlanarPixels.Planes, side, side)], count, embeddings, dimension);
        _planes.Add(planes);
    }

    private static OrtValue Tensor<T>(Memory<T> values, params long[] shape) where T : unmanaged => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values, shape);

    private void Run(OrtValue[] tensors, int count, Memory<float> embeddings, int dimension)
    {
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

using System.Collections.Concurrent;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>
/// The part of a network from its images to global pooling, nearly all of its work, computed by layers of our own. Safe for many threads,
/// each of which computes alone.
/// </summary>
/// <param name="layers">In order.</param>
/// <param name="outputs">What the rest of the network reads.</param>
internal sealed unsafe class Trunk(IReadOnlyList<Layer> layers, IReadOnlyList<FeatureMap> outputs)
{
    private readonly ConcurrentBag<Workspace> _free = [];

    /// <summary>What <see cref="Run"/> computes: maps of one pixel.</summary>
    public IReadOnlyList<FeatureMap> Outputs => outputs;

    /// <summary>Computes the outputs of some images.</summary>
    /// <param name="planes">count × 3 × side × side values.</param>
    /// <param name="count">Images.</param>
    /// <param name="results">Receives, an output each, count × channels values.</param>
    public void Run(ReadOnlySpan<float> planes, int count, IReadOnlyList<float[]> results)
    {
        if (!_free.TryTake(out var memory) || memory.Images < count) memory = new(layers, outputs, count);
        fixed (float* pixels = planes)
        {
            memory.Planes = pixels;
            foreach (var layer in layers) layer.Run(memory, count);
            memory.Planes = null;
        }
        for (var i = 0; i < outputs.Count; i++)
            for (var image = 0; image < count; image++)
                new ReadOnlySpan<float>(memory[outputs[i]] + (nint)image * outputs[i].Pitch, outputs[i].Channels).CopyTo(results[i].AsSpan(image * outputs[i].Channels));
        _free.Add(memory);
    }
}

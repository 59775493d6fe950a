using System.Collections.Concurrent;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>
/// The part of a network from its images to global pooling, nearly all of its work, computed by layers of our own. Safe for many threads,
/// each of which computes alone.
/// </summary>
/// <remarks>
/// The first layers have large maps and few weights, and are run image by image, so that maps stay in the cache; from the first layer on
/// whose weights are more than its maps, each layer is run over all images, so that weights are read once.
/// </remarks>
internal sealed unsafe class Trunk
{
    private readonly IReadOnlyList<Layer> _layers;
    private readonly ConcurrentBag<Workspace> _free = [];
    private readonly int _alone, _length, _together;

    /// <param name="layers">In order.</param>
    /// <param name="outputs">What the rest of the network reads: maps of one pixel.</param>
    /// <param name="side">Side of an image, pixels.</param>
    public Trunk(IReadOnlyList<Layer> layers, IReadOnlyList<FeatureMap> outputs, int side)
    {
        (_layers, Outputs, _length) = (layers, outputs, 4 * side * side);
        // More than sixteen would not read weights noticeably less often.
        _together = (int)Math.Clamp(TrunkBudget.MostValues / layers.Select(layer => layer.Output.Root).Distinct().Sum(map => (long)map.Area * map.Pitch), 1, 16);
        _alone = layers.TakeWhile(layer => layer.WeightBytes <= layer.Inputs.Append(layer.Output).Sum(map => (long)map.Area * map.Channels * sizeof(float))).Count();
    }

    /// <summary>What <see cref="Run"/> computes.</summary>
    public IReadOnlyList<FeatureMap> Outputs { get; }

    /// <summary>Computes the outputs of some images.</summary>
    /// <param name="pixels">count × side × side pixels: red, green, blue and 255.</param>
    /// <param name="count">Images.</param>
    /// <param name="results">Receives, an output each, count × channels values.</param>
    public void Run(ReadOnlySpan<byte> pixels, int count, IReadOnlyList<float[]> results)
    {
        if (pixels.Length != count * (long)_length) throw new ArgumentException($"{pixels.Length} bytes, expected {count} images of {_length}", nameof(pixels));
        for (var first = 0; first < count; first += _together)
        {
            var images = Math.Min(_together, count - first);
            Part(pixels.Slice(first * _length, images * _length), images, results, first);
        }
    }

    private void Part(ReadOnlySpan<byte> pixels, int count, IReadOnlyList<float[]> results, int first)
    {
        if (!_free.TryTake(out var memory) || memory.Images < count) memory = new(_layers, Outputs, count, _alone);
        fixed (byte* bytes = pixels)
        {
            memory.Pixels = bytes;
            for (var image = 0; image < count; image++)
            {
                memory.First = image;
                for (var i = 0; i < _alone; i++) _layers[i].Run(memory, 1);
            }
            memory.First = 0;
            for (var i = _alone; i < _layers.Count; i++) _layers[i].Run(memory, count);
            memory.Pixels = null;
        }
        for (var i = 0; i < Outputs.Count; i++)
            for (var image = 0; image < count; image++)
                new ReadOnlySpan<float>(memory[Outputs[i]] + (nint)image * Outputs[i].Pitch, Outputs[i].Channels).CopyTo(results[i].AsSpan((first + image) * Outputs[i].Channels));
        _free.Add(memory);
    }
}

using BenchmarkDotNet.Attributes;
using MLNet.Devise.Training.Learning;
using SkiaSharp;

namespace MLNet.Devise.Benchmarks;

/// <summary>What varying one training image costs, 256 → 224 pixels; the feed must stay well below a step's 15 ms an image.</summary>
[MemoryDiagnoser]
public class VariationBenchmarks
{
    private static readonly SKImageInfo Small = new(224, 224, SKColorType.Bgra8888, SKAlphaType.Opaque);

    private readonly SKBitmap _source = new(new SKImageInfo(256, 256, SKColorType.Bgra8888, SKAlphaType.Opaque)), _target = new(Small);
    private int _seed;

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        for (var y = 0; y < _source.Height; y++)
            for (var x = 0; x < _source.Width; x++) _source.SetPixel(x, y, new SKColor((uint)random.Next() | 0xFF000000));
    }

    [GlobalCleanup]
    public void Free()
    {
        _source.Dispose();
        _target.Dispose();
    }

    /// <summary>The paper's variation: flip, rotation, zoom, perspective, light, crop.</summary>
    [Benchmark(Baseline = true)]
    public void Paper() => Augmentation.Draw(new AugmentOptions(), new Random(_seed++), 256, 224).Paint(_source, _target);

    /// <summary>The same with a random resized crop and erasing.</summary>
    [Benchmark]
    public void Stronger() => Augmentation.Draw(new AugmentOptions { ResizedCrop = new(), Erase = new() }, new Random(_seed++), 256, 224).Paint(_source, _target);
}

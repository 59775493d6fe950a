using SkiaSharp;

namespace MLNet.Devise.Data.Sample;

/// <summary>A colour word and the region of HSV that people call by it: centre and half width of hue (degrees), saturation and value (percent).</summary>
internal sealed record SampleColour(string Word, (float Centre, float Jitter) Hue, (float Low, float High) Saturation, (float Low, float High) Value)
{
    /// <summary>
    /// The regions keep clear of each other when the light changes by a fifth: those that share a hue with a darker name
    /// (orange and brown, pink and red) have no neighbour there.
    /// </summary>
    public static IReadOnlyList<SampleColour> All { get; } =
    [
        new("red", (357, 6), (85, 96), (76, 94)),
        new("orange", (27, 4), (90, 100), (92, 100)),
        new("yellow", (55, 4), (78, 96), (92, 100)),
        new("green", (122, 14), (68, 92), (50, 76)),
        new("blue", (220, 9), (72, 95), (65, 95)),
        new("purple", (277, 8), (66, 88), (56, 78)),
        new("pink", (334, 6), (40, 54), (95, 100)),
        new("white", (180, 180), (0, 2), (97, 100)),
    ];

    /// <summary>One colour out of the region.</summary>
    public SKColor Draw(Random random) => SKColor.FromHsv(
        (Hue.Centre + random.Between(-Hue.Jitter, Hue.Jitter) + 360) % 360,
        random.Between(Saturation.Low, Saturation.High),
        random.Between(Value.Low, Value.High));
}

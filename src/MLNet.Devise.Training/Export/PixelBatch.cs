namespace MLNet.Devise.Training.Export;

/// <summary>Images as the exported network reads them.</summary>
/// <param name="Pixels">N×3×side×side in 0..1.</param>
/// <param name="Count">N.</param>
/// <param name="Side">Side of the square, pixels.</param>
/// <param name="Labels">The class of each image; empty where it does not matter.</param>
internal sealed record PixelBatch(float[] Pixels, int Count, int Side, IReadOnlyList<string> Labels)
{
    public long[] Shape => [Count, 3, Side, Side];
}

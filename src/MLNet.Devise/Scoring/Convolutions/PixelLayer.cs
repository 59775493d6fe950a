using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>The images' bytes → their pixels, each channel (byte / 255 − mean) / deviation.</summary>
internal sealed unsafe class PixelLayer : Layer
{
    // Pixels at a time, and values.
    private const int Pixels = 8, Values = 3 * Pixels, Lanes = 8;

    // One of each value of so many pixels.
    private readonly float[] _means = new float[Values], _factors = new float[Values];

    /// <param name="output">Three channels, without room between pixels.</param>
    /// <param name="means">One a channel.</param>
    /// <param name="deviations">One a channel, not 0.</param>
    public PixelLayer(FeatureMap output, float[] means, float[] deviations) : base([], output)
    {
        for (var i = 0; i < Values; i++) (_means[i], _factors[i]) = (means[i % 3], 1 / deviations[i % 3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(Workspace memory, int images)
    {
        // Eight values each: of pixels 0 to 2, 2 to 5, 5 to 7, from the 16 bytes that begin at pixels 0, 2 and 4.
        var first = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0);
        var second = Vector128.Create((byte)2, 4, 5, 6, 8, 9, 10, 12, 0, 0, 0, 0, 0, 0, 0, 0);
        var third = Vector128.Create((byte)5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0, 0, 0, 0, 0);
        var left = (nint)Output.Area * images;
        var bytes = memory.Pixels + 4 * (nint)Output.Area * memory.First;
        var values = memory[Output];
        fixed (float* means = _means, factors = _factors)
        {
            for (; left >= Pixels; left -= Pixels, bytes += 4 * Pixels, values += Values)
            {
                Store(Ssse3.Shuffle(Vector128.Load(bytes), first), means, factors, values);
                Store(Ssse3.Shuffle(Vector128.Load(bytes + 8), second), means + Lanes, factors + Lanes, values + Lanes);
                Store(Ssse3.Shuffle(Vector128.Load(bytes + 16), third), means + 2 * Lanes, factors + 2 * Lanes, values + 2 * Lanes);
            }
            for (; left > 0; left--, bytes += 4, values += 3)
                for (var channel = 0; channel < 3; channel++) values[channel] = (bytes[channel] * (1 / 255f) - means[channel]) * factors[channel];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<byte> bytes, float* means, float* factors, float* target) =>
        ((Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(bytes)) * (1 / 255f) - Vector256.Load(means)) * Vector256.Load(factors)).Store(target);
}

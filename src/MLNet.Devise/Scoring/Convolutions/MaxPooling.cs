using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>The largest of each window; what lies beyond an edge does not count.</summary>
/// <param name="input">What it reads.</param>
/// <param name="output">What it writes.</param>
/// <param name="window">Side of a window.</param>
/// <param name="stride">Pixels from one window to the next.</param>
/// <param name="before">Rows above and columns to the left of the map where windows begin.</param>
internal sealed unsafe class MaxPooling(FeatureMap input, FeatureMap output, int window, int stride, int before) : Layer([input], output)
{
    private const int Lanes = 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(Workspace memory, int images)
    {
        float* source = memory[input], target = memory[Output];
        for (var image = 0; image < images; image++, source += (nint)input.Area * input.Pitch)
            for (var y = 0; y < Output.Height; y++)
                for (var x = 0; x < Output.Width; x++, target += Output.Pitch)
                    Pool(source, target, y * stride - before, x * stride - before);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pool(float* source, float* target, int top, int left)
    {
        var (pitch, channels) = ((nint)input.Pitch, Output.Channels);
        var (bottom, right) = (Math.Min(top + window, input.Height), Math.Min(left + window, input.Width));
        (top, left) = (Math.Max(top, 0), Math.Max(left, 0));
        for (var channel = 0; channel < channels; channel += Lanes)
        {
            var largest = Vector256.Create(float.NegativeInfinity);
            for (var y = top; y < bottom; y++)
            {
                var at = source + ((nint)y * input.Width + left) * pitch + channel;
                for (var x = left; x < right; x++, at += pitch) largest = Vector256.MaxNative(largest, Vector256.Load(at));
            }
            largest.Store(target + channel);
        }
    }
}

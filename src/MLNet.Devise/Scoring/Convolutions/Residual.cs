using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>The sum of two maps, negative results 0 where rectified (<see href="https://arxiv.org/abs/1512.03385">He et al. 2015</see>).</summary>
internal sealed unsafe class Residual(FeatureMap one, FeatureMap other, FeatureMap output, bool rectified) : Layer([one, other], output)
{
    private const int Lanes = 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(Workspace memory, int images)
    {
        float* a = memory[one], b = memory[other], sum = memory[Output];
        var (channels, pitches) = (Output.Channels, (one.Pitch, other.Pitch, Output.Pitch));
        var floor = Vector256.Create(rectified ? 0 : float.NegativeInfinity);
        for (var pixel = 0; pixel < images * Output.Area; pixel++, a += pitches.Item1, b += pitches.Item2, sum += pitches.Item3)
            for (var channel = 0; channel < channels; channel += Lanes)
                Vector256.MaxNative(floor, Vector256.Load(a + channel) + Vector256.Load(b + channel)).Store(sum + channel);
    }
}

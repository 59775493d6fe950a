using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>A map's largest value or mean of each channel, as a map of one pixel.</summary>
/// <param name="input">What it reads.</param>
/// <param name="output">What it writes.</param>
/// <param name="largest">The largest, else the mean.</param>
internal sealed unsafe class GlobalPooling(FeatureMap input, FeatureMap output, bool largest) : Layer([input], output)
{
    private const int Lanes = 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(Workspace memory, int images)
    {
        float* source = memory[input], target = memory[Output];
        var (pitch, area) = ((nint)input.Pitch, input.Area);
        for (var image = 0; image < images; image++, source += area * pitch, target += Output.Pitch)
            for (var channel = 0; channel < input.Channels; channel += Lanes)
            {
                var at = source + channel;
                var all = Vector256.Load(at);
                for (var pixel = 1; pixel < area; pixel++)
                {
                    var values = Vector256.Load(at + pixel * pitch);
                    all = largest ? Vector256.MaxNative(all, values) : all + values;
                }
                (largest ? all : all / area).Store(target + channel);
            }
    }
}

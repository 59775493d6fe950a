using System.Runtime.CompilerServices;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>The images' planes → their pixels, each channel (x − mean) / deviation.</summary>
/// <param name="output">Three channels.</param>
/// <param name="means">One a channel.</param>
/// <param name="deviations">One a channel, not 0.</param>
internal sealed unsafe class PixelLayer(FeatureMap output, float[] means, float[] deviations) : Layer([], output)
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(Workspace memory, int images)
    {
        var area = (nint)Output.Area;
        var pixels = memory[Output];
        var (r, g, b) = (1 / deviations[0], 1 / deviations[1], 1 / deviations[2]);
        var (meanR, meanG, meanB) = (means[0], means[1], means[2]);
        for (var image = 0; image < images; image++)
        {
            var red = memory.Planes + 3 * area * (memory.First + image);
            var green = red + area;
            var blue = green + area;
            for (nint i = 0; i < area; i++, pixels += 3) (pixels[0], pixels[1], pixels[2]) = ((red[i] - meanR) * r, (green[i] - meanG) * g, (blue[i] - meanB) * b);
        }
    }
}

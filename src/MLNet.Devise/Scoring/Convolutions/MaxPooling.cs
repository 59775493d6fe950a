using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>The largest of each window, first down, then across; what lies beyond an edge does not count.</summary>
/// <param name="input">What it reads.</param>
/// <param name="output">What it writes.</param>
/// <param name="window">Side of a window.</param>
/// <param name="stride">Pixels from one window to the next.</param>
/// <param name="before">Rows above and columns to the left of the map where windows begin, less than <paramref name="window"/>.</param>
internal sealed unsafe class MaxPooling(FeatureMap input, FeatureMap output, int window, int stride, int before) : Layer([input], output)
{
    private const int Lanes = 8;

    private readonly int _channels = FeatureMap.RoundUp(input.Channels, Lanes);

    public override long Scratch(int images) => (long)input.Width * _channels;

    public override void Run(Workspace memory, int images)
    {
        float* source = memory[input], target = memory[Output], largest = memory.Scratch;
        for (var image = 0; image < images; image++, source += (nint)input.Area * input.Pitch)
            for (var y = 0; y < Output.Height; y++, target += (nint)Output.Width * Output.Pitch)
            {
                var (top, bottom) = Within(y, input.Height);
                Down(source + (nint)top * input.Width * input.Pitch, bottom - top, largest);
                Across(largest, target);
            }
    }

    /// <summary>The part of a window that lies on the map.</summary>
    private (int First, int End) Within(int index, int size) => (Math.Max(index * stride - before, 0), Math.Min(index * stride - before + window, size));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Down(float* source, int rows, float* largest)
    {
        var (width, pitch, row, channels) = (input.Width, (nint)input.Pitch, (nint)input.Width * input.Pitch, _channels);
        for (var x = 0; x < width; x++, source += pitch, largest += channels)
            for (var channel = 0; channel < channels; channel += Lanes)
            {
                var most = Vector256.Load(source + channel);
                for (var y = 1; y < rows; y++) most = Vector256.MaxNative(most, Vector256.Load(source + y * row + channel));
                most.Store(largest + channel);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Across(float* largest, float* target)
    {
        var (width, pitch, channels) = (Output.Width, (nint)Output.Pitch, _channels);
        for (var x = 0; x < width; x++, target += pitch)
        {
            var (first, end) = Within(x, input.Width);
            for (var channel = 0; channel < channels; channel += Lanes)
            {
                var at = largest + (nint)first * channels + channel;
                var most = Vector256.Load(at);
                for (var i = first + 1; i < end; i++) most = Vector256.MaxNative(most, Vector256.Load(at += channels));
                most.Store(target + channel);
            }
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static System.Runtime.Intrinsics.X86.Fma;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>
/// Winograd's minimal filtering F(4×4, 3×3): sixteen results of a 3 × 3 window take 36 multiplications a channel instead of 144
/// (<see href="https://arxiv.org/abs/1509.09308">Lavin and Gray, 2016</see>, with the points 0, ±1, ±2, ∞). Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A.
/// </summary>
internal static unsafe class WinogradTransform
{
    /// <summary>Side of a tile of results.</summary>
    public const int Tile = 4;

    /// <summary>Side of what a tile is made of.</summary>
    public const int Reach = 6;

    /// <summary>Products a tile, of each pair of channels.</summary>
    public const int Places = Reach * Reach;

    private const int Lanes = 8;

    /// <summary>G g Gᵀ of one window.</summary>
    /// <param name="window">3 × 3 weights.</param>
    /// <param name="places">Receives 36 values, row by row.</param>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weights(ReadOnlySpan<float> window, Span<float> places)
    {
        Span<double> columns = stackalloc double[Reach * 3];
        for (var x = 0; x < 3; x++) Expand(window[x], window[3 + x], window[6 + x], columns[x..], 3);
        Span<double> row = stackalloc double[Reach];
        for (var y = 0; y < Reach; y++)
        {
            Expand(columns[3 * y], columns[3 * y + 1], columns[3 * y + 2], row, 1);
            for (var x = 0; x < Reach; x++) places[y * Reach + x] = (float)row[x];
        }
    }

    /// <summary>G g of three values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Expand(double a, double b, double c, Span<double> to, int step)
    {
        to[0] = a / 4;
        (to[step], to[2 * step]) = (-(a + b + c) / 6, -(a - b + c) / 6);
        (to[3 * step], to[4 * step]) = ((a + 2 * b + 4 * c) / 24, (a - 2 * b + 4 * c) / 24);
        to[5 * step] = c;
    }

    /// <summary>Bᵀ d B of one tile.</summary>
    /// <param name="source">The tile's first pixel.</param>
    /// <param name="row">Values from one row of pixels to the next.</param>
    /// <param name="channels">Channels, a multiple of 8, close together.</param>
    /// <param name="target">Receives the first place.</param>
    /// <param name="step">Values from one place to the next.</param>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input(float* source, nint row, int channels, float* target, nint step)
    {
        var columns = stackalloc float[Places * Lanes];
        for (nint channel = 0; channel < channels; channel += Lanes)
        {
            for (nint x = 0; x < Reach; x++) Forward(source + x * channels + channel, row, columns + x * Lanes, Reach * Lanes);
            for (nint y = 0; y < Reach; y++) Forward(columns + y * Reach * Lanes, Lanes, target + y * Reach * step + channel, step);
        }
    }

    /// <summary>max(floor, bias + Aᵀ m A) of one tile.</summary>
    /// <param name="source">The first place's products.</param>
    /// <param name="step">Values from one place to the next.</param>
    /// <param name="channels">Channels, a multiple of 8.</param>
    /// <param name="bias">One a channel.</param>
    /// <param name="floor">The least result.</param>
    /// <param name="target">Receives the tile's first pixel.</param>
    /// <param name="row">Values from one row of pixels to the next.</param>
    /// <param name="pixel">Values from one pixel to the next.</param>
    /// <param name="height">Rows of the tile within the map, 1 to 4.</param>
    /// <param name="width">Columns of the tile within the map, 1 to 4.</param>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output(float* source, nint step, int channels, float* bias, float floor, float* target, nint row, nint pixel, int height, int width)
    {
        var columns = stackalloc float[Tile * Reach * Lanes];
        var results = stackalloc float[Tile * Lanes];
        var least = Vector256.Create(floor);
        for (nint channel = 0; channel < channels; channel += Lanes)
        {
            var start = Vector256.Load(bias + channel);
            for (nint x = 0; x < Reach; x++) Back(source + x * step + channel, Reach * step, columns + x * Lanes, Reach * Lanes);
            for (nint y = 0; y < height; y++)
            {
                Back(columns + y * Reach * Lanes, Lanes, results, Lanes);
                var at = target + y * row + channel;
                for (nint x = 0; x < width; x++) Vector256.MaxNative(least, Vector256.Load(results + x * Lanes) + start).Store(at + x * pixel);
            }
        }
    }

    /// <summary>Bᵀ d of six values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Forward(float* from, nint step, float* to, nint next)
    {
        var (d0, d1, d2) = (Vector256.Load(from), Vector256.Load(from + step), Vector256.Load(from + 2 * step));
        var (d3, d4, d5) = (Vector256.Load(from + 3 * step), Vector256.Load(from + 4 * step), Vector256.Load(from + 5 * step));
        var (two, four, five) = (Vector256.Create(2f), Vector256.Create(4f), Vector256.Create(5f));
        var (a, b) = (MultiplyAdd(-four, d2, d4), MultiplyAdd(-four, d1, d3));
        var (c, d) = (d4 - d2, two * (d3 - d1));
        MultiplyAdd(four, d0, MultiplyAdd(-five, d2, d4)).Store(to);
        (a + b).Store(to + next);
        (a - b).Store(to + 2 * next);
        (c + d).Store(to + 3 * next);
        (c - d).Store(to + 4 * next);
        MultiplyAdd(four, d1, MultiplyAdd(-five, d3, d5)).Store(to + 5 * next);
    }

    /// <summary>Aᵀ m of six values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Back(float* from, nint step, float* to, nint next)
    {
        var (m0, m1, m2) = (Vector256.Load(from), Vector256.Load(from + step), Vector256.Load(from + 2 * step));
        var (m3, m4, m5) = (Vector256.Load(from + 3 * step), Vector256.Load(from + 4 * step), Vector256.Load(from + 5 * step));
        var (a, b, c, d) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4);
        (m0 + a + c).Store(to);
        MultiplyAdd(Vector256.Create(2f), d, b).Store(to + next);
        MultiplyAdd(Vector256.Create(4f), c, a).Store(to + 2 * next);
        MultiplyAdd(Vector256.Create(8f), d, b + m5).Store(to + 3 * next);
    }
}

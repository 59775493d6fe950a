using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>YCbCr → blue, green, red, opaque (JFIF 1.02, as ITU-R BT.601), with libjpeg's roundings.</summary>
internal static unsafe class ColourConversion
{
    /// <summary>Pixels at a time; rows of samples and of pixels may be read and written up to a multiple of it.</summary>
    public const int Lanes = 16;

    // Factors of 2^16, of what is left of 1.402, 1.772 and −0.71414 beyond 1, 2 and −1.
    private const short Red = 26345, Blue = -14942, GreenOfBlue = -22554, GreenOfRed = 18734;

    /// <summary>One row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(byte* luminance, byte* blueness, byte* redness, byte* target, int count)
    {
        for (var x = 0; x < count; x += Lanes)
        {
            var y = Avx2.ConvertToVector256Int16(Vector128.Load(luminance + x));
            var cb = Avx2.ConvertToVector256Int16(Vector128.Load(blueness + x)) - Vector256.Create((short)128);
            var cr = Avx2.ConvertToVector256Int16(Vector128.Load(redness + x)) - Vector256.Create((short)128);
            var red = y + cr + Share(cr, Red);
            var blue = y + cb + cb + Share(cb, Blue);
            var green = y - cr + Green(cb, cr);
            Store(blue, green, red, target + 4 * x);
        }
    }

    /// <summary>One row of grey.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunGrey(byte* luminance, byte* target, int count)
    {
        for (var x = 0; x < count; x += Lanes)
        {
            var y = Avx2.ConvertToVector256Int16(Vector128.Load(luminance + x));
            Store(y, y, y, target + 4 * x);
        }
    }

    /// <summary>value · factor / 2^16, rounded.</summary>
    private static Vector256<short> Share(Vector256<short> value, short factor) =>
        Vector256.ShiftRightArithmetic(Avx2.MultiplyHigh(value + value, Vector256.Create(factor)) + Vector256<short>.One, 1);

    private static Vector256<short> Green(Vector256<short> cb, Vector256<short> cr)
    {
        var factors = Vector256.Create(GreenOfRed << 16 | GreenOfBlue & 0xFFFF).AsInt16();
        var half = Vector256.Create(1 << 15);
        return Avx2.PackSignedSaturate(
            Vector256.ShiftRightArithmetic(Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(cb, cr), factors) + half, 16),
            Vector256.ShiftRightArithmetic(Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(cb, cr), factors) + half, 16));
    }

    private static void Store(Vector256<short> blue, Vector256<short> green, Vector256<short> red, byte* target)
    {
        var blueRed = Avx2.PackUnsignedSaturate(blue, red);
        var greenAlpha = Avx2.PackUnsignedSaturate(green, Vector256.Create((short)255));
        var (blueGreen, redAlpha) = (Avx2.UnpackLow(blueRed, greenAlpha).AsInt16(), Avx2.UnpackHigh(blueRed, greenAlpha).AsInt16());
        Vector256<short> low = Avx2.UnpackLow(blueGreen, redAlpha), high = Avx2.UnpackHigh(blueGreen, redAlpha);
        Avx2.Permute2x128(low, high, 0x20).AsByte().Store(target);
        Avx2.Permute2x128(low, high, 0x31).AsByte().Store(target + 32);
    }
}

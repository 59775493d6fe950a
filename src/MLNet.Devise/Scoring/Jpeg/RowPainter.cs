using System.Runtime.InteropServices;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>Samples → BGRA pixels, a row at a time.</summary>
internal sealed unsafe class RowPainter : IDisposable
{
    private readonly int _width, _height;
    private readonly ComponentPlane[] _planes;
    private readonly (int Across, int Down) _spread;
    // Of one row of each colour: sums of a column's samples, and samples at the picture's resolution.
    private readonly void* _scratch;
    private readonly short* _values;
    private readonly byte* _blue, _red;

    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="planes">Luminance, and colour where there is any.</param>
    /// <param name="spread">Over how many pixels a sample of colour spreads: 1, or 2.</param>
    public RowPainter(int width, int height, ComponentPlane[] planes, (int Across, int Down) spread)
    {
        (_width, _height, _planes, _spread) = (width, height, planes, spread);
        if (spread.Across == 1) return;
        var room = planes[0].Stride + 2 * Upsampling.Margin;
        _scratch = NativeMemory.Alloc((nuint)(4 * room));
        _values = (short*)_scratch + Upsampling.Margin;
        _blue = (byte*)_scratch + 2 * room;
        _red = _blue + room;
    }

    /// <summary>Paints a row.</summary>
    /// <param name="y">The row.</param>
    /// <param name="target">Its first pixel's first byte.</param>
    public void Paint(int y, byte* target)
    {
        var luminance = _planes[0].Row(y);
        byte* blue = null, red = null;
        if (_planes.Length > 1)
        {
            blue = _spread.Across == 1 ? _planes[1].Row(y) : Upsampled(_planes[1], y, _blue);
            red = _spread.Across == 1 ? _planes[2].Row(y) : Upsampled(_planes[2], y, _red);
        }

        const int Lanes = ColourConversion.Lanes;
        var whole = _width / Lanes * Lanes;
        Convert(luminance, blue, red, target, whole);
        if (whole == _width) return;
        var last = stackalloc byte[4 * Lanes];
        Convert(luminance + whole, blue + whole, red + whole, last, Lanes);
        new ReadOnlySpan<byte>(last, 4 * (_width - whole)).CopyTo(new(target + 4 * whole, 4 * Lanes));
    }

    public void Dispose() => NativeMemory.Free(_scratch);

    private void Convert(byte* luminance, byte* blue, byte* red, byte* target, int count)
    {
        if (_planes.Length == 1) ColourConversion.RunGrey(luminance, target, count);
        else ColourConversion.Run(luminance, blue, red, target, count);
    }

    private byte* Upsampled(ComponentPlane plane, int y, byte* target)
    {
        var width = (_width + 1) / 2;
        if (_spread.Down == 1) Upsampling.Widen(plane.Row(y), _values, width);
        else
        {
            var far = Math.Clamp(y / 2 + (y % 2 == 0 ? -1 : 1), 0, (_height + 1) / 2 - 1);
            Upsampling.Down(plane.Row(y / 2), plane.Row(far), _values, width);
        }
        // At the picture's edges the nearest sample counts twice.
        _values[-1] = _values[0];
        _values[width] = _values[width - 1];
        if (_spread.Down == 1) Upsampling.Across(_values, target, width, left: 1, right: 2, shift: 2);
        else Upsampling.Across(_values, target, width, left: 8, right: 7, shift: 4);
        return target;
    }
}

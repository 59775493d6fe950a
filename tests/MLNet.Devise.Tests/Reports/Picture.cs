using SkiaSharp;

namespace MLNet.Devise.Tests.Reports;

/// <summary>A decoded PNG with questions about its colours.</summary>
internal sealed class Picture(byte[] png) : IDisposable
{
    private readonly SKBitmap _bitmap = SKBitmap.Decode(png);

    public int Width => _bitmap.Width;

    public int Height => _bitmap.Height;

    public void Dispose() => _bitmap.Dispose();

    /// <summary>Every pixel of just this colour.</summary>
    public IReadOnlyList<(int X, int Y)> Of(OxyPlot.OxyColor color) => Where(pixel => (pixel.Red, pixel.Green, pixel.Blue) == (color.R, color.G, color.B));

    /// <summary>Pixels as dark as text within a box given in shares of the sheet.</summary>
    public int Ink(double left, double top, double right, double bottom) =>
        Where(pixel => pixel.Red < 90 && pixel.Green < 90 && pixel.Blue < 90).Count(p => p.X >= left * Width && p.X < right * Width && p.Y >= top * Height && p.Y < bottom * Height);

    private List<(int X, int Y)> Where(Func<SKColor, bool> wanted)
    {
        var found = new List<(int, int)>();
        var pixels = _bitmap.Pixels;
        for (var i = 0; i < pixels.Length; i++)
            if (wanted(pixels[i])) found.Add((i % Width, i / Width));
        return found;
    }
}

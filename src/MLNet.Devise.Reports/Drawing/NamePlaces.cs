using SkiaSharp;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>Finds room for names beside points, so that no two names touch; one that finds none is left out.</summary>
/// <param name="fontSize">Of the names.</param>
/// <param name="distance">Between a point's middle and its name.</param>
internal sealed class NamePlaces(double fontSize, float distance)
{
    private readonly List<SKRect> _taken = [];

    /// <summary>Keeps a point's own place free.</summary>
    public void Keep(float x, float y) => _taken.Add(new(x - distance + 1, y - distance + 1, x + distance - 1, y + distance - 1));

    /// <summary>The middle of a name's box, y downwards like the point's, or null.</summary>
    public SKPoint? Of(string name, float x, float y)
    {
        var (width, height) = ((float)TextContext.Width([name], fontSize), (float)fontSize);
        foreach (var (across, down) in ((float, float)[])[(1, 0), (-1, 0), (0, -1), (0, 1), (0.7f, -0.8f), (-0.7f, -0.8f), (0.7f, 0.8f), (-0.7f, 0.8f), (1, 1.6f), (-1, 1.6f), (1, -1.6f), (-1, -1.6f), (0, 2.4f), (0, -2.4f)])
        {
            var middle = new SKPoint(x + across * (distance + width / 2), y + down * (distance + height / 2));
            var box = new SKRect(middle.X - width / 2, middle.Y - height / 2, middle.X + width / 2, middle.Y + height / 2);
            if (_taken.Any(box.IntersectsWith)) continue;
            _taken.Add(box);
            return middle;
        }
        return null;
    }
}

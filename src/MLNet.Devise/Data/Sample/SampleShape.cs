using SkiaSharp;

namespace MLNet.Devise.Data.Sample;

/// <summary>A shape word and its outline around the origin, about one unit in radius. None can be taken for another when it is rotated.</summary>
internal sealed record SampleShape(string Word, Func<SKPath> Outline)
{
    public static IReadOnlyList<SampleShape> All { get; } =
    [
        new("circle", () => Circle(0, 0, 1)),
        new("square", () => Polygon((-1, -1), (1, -1), (1, 1), (-1, 1))),
        new("triangle", () => Spikes(3, 0.5f)),
        new("star", () => Spikes(5, 0.42f)),
        new("ring", () => Cut(Circle(0, 0, 1), Circle(0, 0, 0.56f))),
        new("cross", () => Polygon(
            (-.33f, -1), (.33f, -1), (.33f, -.33f), (1, -.33f), (1, .33f), (.33f, .33f),
            (.33f, 1), (-.33f, 1), (-.33f, .33f), (-1, .33f), (-1, -.33f), (-.33f, -.33f))),
        new("heart", Heart),
        new("crescent", () => Cut(Circle(0, 0, 1), Circle(0.52f, 0, 0.82f))),
        new("arrow", () => Polygon((-1, -.24f), (.1f, -.24f), (.1f, -.72f), (1, 0), (.1f, .72f), (.1f, .24f), (-1, .24f))),
    ];

    /// <summary>What is left of <paramref name="path"/> without <paramref name="hole"/>.</summary>
    private static SKPath Cut(SKPath path, SKPath hole)
    {
        // SkiaSharp keeps neither alive during the call: without these the garbage collector may free a path that Skia is reading.
        using var whole = path;
        using var part = hole;
        return whole.Op(part, SKPathOp.Difference);
    }

    private static SKPath Circle(float x, float y, float radius)
    {
        var path = new SKPath();
        path.AddCircle(x, y, radius);
        return path;
    }

    private static SKPath Polygon(params ReadOnlySpan<(float X, float Y)> corners)
    {
        var path = new SKPath();
        var points = new SKPoint[corners.Length];
        for (var i = 0; i < points.Length; i++) points[i] = new(corners[i].X, corners[i].Y);
        path.AddPoly(points);
        return path;
    }

    /// <summary>Corners at radius 1 and, between them, at <paramref name="inner"/> (0.5 with three corners: straight sides).</summary>
    private static SKPath Spikes(int count, float inner)
    {
        var points = new SKPoint[2 * count];
        for (var i = 0; i < points.Length; i++)
        {
            var (sin, cos) = MathF.SinCos(MathF.PI * i / count);
            var radius = i % 2 == 0 ? 1 : inner;
            points[i] = new(radius * sin, -radius * cos);
        }
        var path = new SKPath();
        path.AddPoly(points);
        return path;
    }

    private static SKPath Heart()
    {
        var path = new SKPath();
        path.MoveTo(0, 1);
        path.CubicTo(-.55f, .55f, -1.05f, .1f, -1, -.38f);
        path.CubicTo(-.95f, -1, -.2f, -1.1f, 0, -.4f);
        path.CubicTo(.2f, -1.1f, .95f, -1, 1, -.38f);
        path.CubicTo(1.05f, .1f, .55f, .55f, 0, 1);
        path.Close();
        return path;
    }
}

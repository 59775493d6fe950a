using SkiaSharp;

namespace MLNet.Devise.Data.Sample;

/// <summary>What lies behind the object: a muted gradient with strokes, splinters and specks, the same for every class.</summary>
internal static class SampleBackdrop
{
    public static void Draw(SKCanvas canvas, int size, Random random)
    {
        var (sin, cos) = MathF.SinCos(random.Between(0, MathF.Tau));
        var middle = new SKPoint(size / 2f, size / 2f);
        var reach = new SKPoint(cos * size / 2f, sin * size / 2f);
        using var shader = SKShader.CreateLinearGradient(middle - reach, middle + reach, [Muted(random), Muted(random)], SKShaderTileMode.Clamp);
        using var ground = new SKPaint { Shader = shader };
        canvas.DrawPaint(ground);
        for (var i = random.Next(3, 9); i > 0; i--) Clutter(canvas, size, random);
    }

    /// <summary>A middle tone of low saturation: neither white nor any of the colours, so that each of them stands out.</summary>
    public static SKColor Muted(Random random) => SKColor.FromHsv(random.Between(0, 360), random.Between(0, 15), random.Between(22, 58));

    private static void Clutter(SKCanvas canvas, int size, Random random)
    {
        using var paint = new SKPaint { IsAntialias = true, Color = Muted(random), StrokeCap = SKStrokeCap.Round };
        var at = new SKPoint(random.Between(0, size), random.Between(0, size));
        switch (random.Next(3))
        {
            case 0:
                paint.IsStroke = true;
                paint.StrokeWidth = size * random.Between(0.015f, 0.05f);
                canvas.DrawLine(at, at + Step(size * random.Between(0.1f, 0.5f), random), paint);
                break;
            case 1:
                using (var splinter = new SKPath())
                {
                    // Four corners thrown anywhere: seldom convex, never regular.
                    splinter.AddPoly([at, at + Step(size * 0.2f, random), at + Step(size * 0.25f, random), at + Step(size * 0.15f, random)]);
                    canvas.DrawPath(splinter, paint);
                }
                break;
            default:
                // Specks of bright colour teach that colour alone, anywhere, is not the answer.
                paint.Color = SampleColour.All[random.Next(SampleColour.All.Count)].Draw(random);
                canvas.DrawCircle(at, size * random.Between(0.01f, 0.025f), paint);
                break;
        }
    }

    private static SKPoint Step(float length, Random random)
    {
        var (sin, cos) = MathF.SinCos(random.Between(0, MathF.Tau));
        return new(length * cos, length * sin);
    }
}

using MLNet.Devise.Evaluation.Heat;
using SkiaSharp;

namespace MLNet.Devise.Evaluation;

/// <summary>Where in an image a score comes from.</summary>
/// <param name="Score">The score itself: a cosine, or a classifier's logit.</param>
/// <param name="Width">Columns of the feature map: 13 for SqueezeNet at 224 pixels.</param>
/// <param name="Height">Rows.</param>
/// <param name="Values">Row-major, 0 (no part in it) and above; only their ratios mean something.</param>
public sealed record HeatMap(float Score, int Width, int Height, IReadOnlyList<float> Values)
{
    /// <summary>Where the cells lie on a square of so many pixels; null where they share it evenly.</summary>
    internal (CellGrid Grid, int Side)? Places { get; init; }

    /// <summary>The map at any size, bilinear between the middles of its cells' receptive fields, scaled so that the largest value is 1; all 0 where the map is.</summary>
    /// <param name="width">Columns wanted.</param>
    /// <param name="height">Rows wanted.</param>
    /// <returns>Row-major values in 0..1.</returns>
    public float[] Resized(int width, int height)
    {
        var result = new float[width * height];
        var most = Values.Max();
        if (!(most > 0)) return result;
        var (rows, columns) = (GridOf(Height, height), GridOf(Width, width));
        for (var y = 0; y < height; y++)
        {
            var (top, bottom, down) = rows.Between(y + 0.5);
            for (var x = 0; x < width; x++)
            {
                var (left, right, along) = columns.Between(x + 0.5);
                var upper = float.Lerp(Values[top * Width + left], Values[top * Width + right], along);
                result[y * width + x] = float.Lerp(upper, float.Lerp(Values[bottom * Width + left], Values[bottom * Width + right], along), down) / most;
            }
        }
        return result;
    }

    /// <summary>Of the heat in the hottest tenth of the pixels, the share that lies in a box, 0..1.</summary>
    /// <param name="box">In pixels of the square.</param>
    /// <param name="side">Of the square, pixels.</param>
    internal double ShareInside(SKRectI box, int side)
    {
        var values = Resized(side, side);
        var hottest = Enumerable.Range(0, values.Length).OrderByDescending(i => values[i]).Take(values.Length / 10).ToArray();
        var all = hottest.Sum(i => (double)values[i]);
        return all > 0 ? hottest.Where(i => box.Contains(i % side, i / side)).Sum(i => (double)values[i]) / all : 0;
    }

    /// <summary>Where the cells lie on so many pixels.</summary>
    private CellGrid GridOf(int cells, int pixels) => Places is var (grid, side)
        ? grid with { Step = grid.Step * pixels / side, First = grid.First * pixels / side }
        : new(cells, (double)pixels / cells, 0.5 * pixels / cells);
}

using MLNet.Devise.Evaluation;
using MLNet.Devise.Reports;
using MLNet.Devise.Reports.Drawing;
using MLNet.Devise.Tests.Evaluation;
using OxyPlot;

namespace MLNet.Devise.Tests.Reports;

public sealed class FigureTests
{
    private static readonly EvaluationResult Result = Evaluator.Run(Scenario.Random(seen: 7, unseen: 4, further: 0));

    private static readonly EpochRecord[] History =
        [.. from stage in (int[])[1, 2] from epoch in (int[])[1, 2, 3] select new EpochRecord(stage, epoch < 3 ? "frozen" : "unfrozen", epoch, 2.0 / epoch, 2.2 / epoch, 0.2 * epoch, 1e-3, 90)];

    [Fact]
    public void The_same_input_gives_the_same_bytes()
    {
        Assert.Equal(Figures.Confusion(Result.Confusion), Figures.Confusion(Result.Confusion));
        Assert.Equal(Figures.Classes(Result), Figures.Classes(Result));
        Assert.Equal(Figures.Training(History), Figures.Training(History));
    }

    [Fact]
    public void Names_leave_ink_and_blank_ones_do_not()
    {
        var named = new ConfusionMatrix(["elk", "cow", "pig"], 3, [1, 0, 0, 0, 1, 0, 0, 0, 1]);
        using var with = new Picture(Figures.Confusion(named));
        using var without = new Picture(Figures.Confusion(named with { Labels = [" ", "  ", "   "] }));
        // The strip left of the matrix and the one below hold nothing but class names.
        Assert.True(with.Ink(0, 0.15, 0.07, 0.85) > 100);
        Assert.Equal(0, without.Ink(0, 0.15, 0.02, 0.85));
        Assert.True(with.Ink(0.1, 0.93, 0.8, 1) > 100);
        Assert.True(with.Ink(0.1, 0, 0.9, 0.09) > 500, "the title is missing");
    }

    [Fact]
    public void Text_is_the_same_whatever_font_is_asked_for()
    {
        using var surface = new SkiaSharp.SKBitmap(200, 40);
        using var canvas = new SkiaSharp.SKCanvas(surface);
        using var context = new TextContext { SkCanvas = canvas };
        IRenderContext text = context;
        var size = text.MeasureText("giant panda", null, 20, 400);
        Assert.Equal(size, text.MeasureText("giant panda", "No Such Font", 20, 400));
        Assert.Equal(size, text.MeasureText("giant panda", "Arial", 20, 400));
        // DejaVu Sans: advance widths of the eleven glyphs are 12,284 of 2,048 units an em.
        Assert.Equal(20 * 12284 / 2048.0, size.Width, 0.01);
        Assert.Equal(2 * size.Height, text.MeasureText("giant\npanda", null, 20, 400).Height, 1e-3);
    }

    [Fact]
    public void Rows_are_the_truth_from_the_top_and_columns_the_answer_from_the_left()
    {
        // All images of the first class are taken for the last one.
        using var picture = new Picture(Figures.Confusion(new(["a", "b", "c"], 3, [0, 0, 5, 0, 0, 0, 0, 0, 0])));
        var darkest = Ink.Light.Shares.Colors[^1];
        var square = picture.Of(darkest).Where(p => p.X < 0.8 * picture.Width).ToArray();
        Assert.True(square.Length > 1000);
        Assert.InRange(square.Average(p => p.X) / picture.Width, 0.6, 0.8);
        Assert.InRange(square.Average(p => p.Y) / picture.Height, 0.1, 0.35);
    }

    [Fact]
    public void The_border_to_unseen_classes_is_drawn_where_there_are_some()
    {
        using var mixed = new Picture(Figures.Confusion(Result.Confusion));
        using var seenOnly = new Picture(Figures.Confusion(Result.Confusion with { SeenCount = 11 }));
        Assert.Empty(seenOnly.Of(Ink.Light.Border));
        // Seven of eleven classes are seen: the vertical line stands at 7/11 of the matrix.
        var column = mixed.Of(Ink.Light.Border).GroupBy(p => p.X).MaxBy(line => line.Count())!;
        Assert.True(column.Count() > 0.5 * mixed.Height);
        var row = mixed.Of(Ink.Light.Border).GroupBy(p => p.Y).MaxBy(line => line.Count())!;
        var (left, right) = (row.Min(p => p.X), row.Max(p => p.X));
        Assert.Equal(7 / 11.0, (double)(column.Key - left) / (right - left), 0.01);
    }

    [Theory]
    [InlineData(72, "x")]
    [InlineData(72, "a rather long name of a class")]
    [InlineData(72, "a name so long that no figure could hold it without being cut, for it goes on and on")]
    [InlineData(50, "giant panda")]
    [InlineData(2, "giant panda")]
    public void Rows_stand_far_enough_apart_to_be_read(int classes, string name)
    {
        var matrix = new ConfusionMatrix([.. Enumerable.Range(0, classes).Select(i => $"{name} {i}")], classes - 1, new int[classes * classes]);
        using var picture = new Picture(Figures.Confusion(matrix));
        Assert.InRange(picture.Width, 800, 3200);
        // Two pixels a unit; names of at least 10 units need some 13 from line to line. The border is as long as the matrix.
        var lines = picture.Of(Ink.Light.Border);
        var (height, width) = (lines.Max(p => p.Y) - lines.Min(p => p.Y), lines.Max(p => p.X) - lines.Min(p => p.X));
        Assert.True(height / 2.0 / classes > 13, $"{height} pixels for {classes} classes");
        Assert.Equal(1, (double)height / width, 0.15);
    }

    [Fact]
    public void Empty_squares_are_not_drawn()
    {
        const int Classes = 40;
        int Squares(Func<int, int> count) => System.Text.Encoding.UTF8.GetString(Figures.Confusion(new([.. Enumerable.Range(0, Classes).Select(i => $"c{i}")], Classes, [.. Enumerable.Range(0, Classes * Classes).Select(count)]), format: FigureFormat.Svg)).Split("<rect").Length;
        var diagonal = Squares(i => i % (Classes + 1) == 0 ? 3 : 0);
        Assert.Equal(Classes * Classes - Classes, Squares(_ => 1) - diagonal);
    }

    [Fact]
    public void Figures_of_many_classes_are_not_larger_than_browsers_draw()
    {
        using var high = new Picture(Figures.Histogram([.. Enumerable.Range(0, 1000).Select(i => new ClassImages($"class {i}", true, i, 1, 0))]));
        Assert.Equal(16_000, high.Height);
        Assert.Equal(860.0 / 17_150, (double)high.Width / high.Height, 1e-3);
        var wide = SkiaSharp.SKBitmap.DecodeBounds(new Sheet(Ink.Light.Plot("many"), 7000, 7000).Png());
        Assert.InRange((long)wide.Width * wide.Height, 39_000_000, 40_010_000);
    }

    [Fact]
    public void Bars_are_as_long_as_the_rates_seen_above_unseen()
    {
        ClassResult Class(string label, bool seen, double top1) => new(label, seen, 10, top1, 0, null, 0);
        var result = Result with { Classes = [Class("half", true, 0.5), Class("full", true, 1), Class("quarter", false, 0.25)] };
        using var picture = new Picture(Figures.Classes(result));
        // The legend below has the same colours.
        (int X, int Y)[] Bars(OxyColor color) => [.. picture.Of(color).Where(p => p.Y < 0.7 * picture.Height)];
        static double Longest(IEnumerable<(int X, int Y)> bars) => bars.GroupBy(p => p.Y).Max(row => row.Max(p => p.X) - row.Min(p => p.X));
        var (blue, orange) = (Bars(Ink.Light.Seen), Bars(Ink.Light.Unseen));
        var (full, bottom) = (Longest(blue), blue.Max(p => p.Y));

        var top = blue.Min(p => p.Y);
        Assert.Equal(full, Longest(blue.Where(p => p.Y < top + 4)), 1.0);
        Assert.Equal(0.5, Longest(blue.Where(p => p.Y > bottom - 4)) / full, 0.01);
        Assert.Equal(0.25, Longest(orange) / full, 0.01);
        Assert.True(orange.Min(p => p.Y) > bottom);
        var (lowest, leftmost) = (orange.Min(p => p.Y), orange.Min(p => p.X));
        // Four unseen labels: the dashed line of chance stands where this bar of 25 % ends.
        var chance = Bars(Ink.Light.Text).Where(p => p.Y >= lowest && p.X > leftmost).GroupBy(p => p.X).MaxBy(column => column.Count())!.Key;
        Assert.Equal(orange.Max(p => p.X), chance, 4.0);
    }

    [Fact]
    public void Training_has_a_column_a_stage_and_shades_the_frozen_phase()
    {
        using var both = new Picture(Figures.Training(History));
        using var second = new Picture(Figures.Training(History[3..]));
        Assert.Equal(both.Width, 2 * second.Width);
        // Two of three epochs are frozen: shade ends at two thirds of the plot.
        var shade = second.Of(Ink.Light.Shade);
        var line = second.Of(Ink.Light.Grid).Max(p => p.X);
        Assert.Equal(2 / 3.0, (shade.Max(p => p.X) - shade.Min(p => p.X)) / (double)(line - shade.Min(p => p.X)), 0.03);
        using var unfrozen = new Picture(Figures.Training([History[2]]));
        Assert.Empty(unfrozen.Of(Ink.Light.Shade));
    }

    [Fact]
    public void A_run_that_diverged_is_drawn_too()
    {
        using var picture = new Picture(Figures.Training([.. History[..2], History[2] with { TrainLoss = double.NaN, ValidLoss = double.PositiveInfinity }]));
        Assert.NotEmpty(picture.Of(Ink.Light.Seen));
        using var nothing = new Picture(Figures.Training([History[0] with { TrainLoss = double.NaN, ValidLoss = double.NaN, ValidTop1 = double.NaN }]));
        Assert.True(nothing.Width > 0);
    }
}

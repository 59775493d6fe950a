using MLNet.Devise.Evaluation;
using MLNet.Devise.Reports;
using MLNet.Devise.Reports.Drawing;
using MLNet.Devise.Tests.Evaluation;
using MLNet.Devise.Tests.Search;
using OxyPlot;
using SkiaSharp;

namespace MLNet.Devise.Tests.Reports;

/// <summary>The parts that figures are made of.</summary>
public sealed class DrawingTests
{
    private static readonly EvaluationInput Input = Scenario.Random(seen: 7, unseen: 4, further: 0);
    private static readonly EvaluationResult Result = Evaluator.Run(Input);

    [Fact]
    public void Like_labels_come_to_stand_side_by_side()
    {
        // Three families on a circle, their members scattered over the list.
        var labels = Scenario.LabelsAt(("a1", 0), ("b1", 120), ("c1", 240), ("a2", 4), ("c2", 243), ("b2", 125), ("a3", 9), ("b3", 118));
        var order = LabelOrder.Of(labels, [.. Enumerable.Range(0, 8)]).Select(i => labels.Names[i][0]).ToArray();
        Assert.Equal(2, order.Zip(order.Skip(1)).Count(pair => pair.First != pair.Second));
        Assert.Equal(8, order.Length);
    }

    [Fact]
    public void A_sorted_matrix_is_the_same_matrix()
    {
        var sorted = LabelOrder.Sorted(Result.Confusion, Input.Labels);
        var before = Result.Confusion;
        Assert.Equal(before.SeenCount, sorted.SeenCount);
        Assert.Equal(before.Labels.Take(7).Order(StringComparer.Ordinal), sorted.Labels.Take(7).Order(StringComparer.Ordinal));
        var place = sorted.Labels.Select(name => before.Labels.ToList().IndexOf(name)).ToArray();
        for (var truth = 0; truth < place.Length; truth++)
            for (var answer = 0; answer < place.Length; answer++) Assert.Equal(before.Count(place[truth], place[answer]), sorted.Count(truth, answer));
    }

    [Fact]
    public void Confused_pairs_are_those_of_the_matrix_most_confused_first()
    {
        var labels = Scenario.LabelsAt(("a", 0), ("b", 60), ("c", 90));
        var pairs = ConfusedPair.Of(new(["a", "b", "c"], 2, [6, 4, 0, 1, 9, 0, 5, 2, 3]), labels, 10);
        Assert.Equal([("c", "a", 5, 10, true), ("a", "b", 4, 10, false), ("c", "b", 2, 10, true)], pairs.Select(pair => (pair.Truth, pair.Answer, pair.Count, pair.Images, pair.IsUnseen)));
        Assert.Equal(0.5, pairs[1].Cosine, 1e-6);
        Assert.Single(ConfusedPair.Of(new(["a", "b", "c"], 2, [6, 4, 0, 1, 9, 0, 5, 2, 3]), labels, 1));
    }

    [Fact]
    public void The_plane_is_that_of_the_largest_variance()
    {
        // Far apart along one axis, less so along a second, hardly along the others.
        var random = new Random(3);
        float[][] rows = [.. Enumerable.Range(0, 200).Select(_ => new[] { 1 + 3 * Wide(random), 0.01f * Wide(random), -2 + 9 * Wide(random), 0.01f * Wide(random) })];
        var plane = PrincipalPlane.Fit(rows);
        var points = rows.Select(row => plane.Of(row)).ToArray();
        Assert.Equal(1, Math.Abs(Correlation(points.Select(p => p.X), rows.Select(row => row[2]))), 1e-2);
        Assert.Equal(1, Math.Abs(Correlation(points.Select(p => p.Y), rows.Select(row => row[0]))), 1e-2);
        Assert.Equal(0, points.Average(p => p.X), 1e-4);
        Assert.InRange(plane.Shares.First, 0.8, 0.95);
        Assert.Equal(1, plane.Shares.First + plane.Shares.Second, 1e-3);
        Assert.Equal(points[5], PrincipalPlane.Fit(rows).Of(rows[5]));
        static float Wide(Random random) => 2 * random.NextSingle() - 1;
    }

    [Fact]
    public void Neighbours_around_the_middle_have_different_colours()
    {
        var map = EmbeddingMap.Of(Result, Input.Labels);
        var around = map.Labels.OrderBy(label => MathF.Atan2(label.Y, label.X)).Select(label => label.Colour % Ink.Light.Classes.Count).ToArray();
        Assert.All(around.Zip(around.Skip(1)), pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.Equal(Result.Images.Count, map.Classes.Count);
        Assert.All(map.Classes.Zip(Result.Images), pair => Assert.Equal(pair.Second.Label, map.Labels[pair.First].Name));
    }

    [Fact]
    public void Names_never_touch()
    {
        var places = new NamePlaces(10, 8);
        var boxes = new List<SKRect>();
        for (var i = 0; i < 60; i++)
        {
            if (places.Of("some name", i * 13 % 100, i * 7 % 60) is not { } middle) continue;
            var width = (float)TextContext.Width(["some name"], 10);
            var box = SKRect.Create(middle.X - width / 2, middle.Y - 5, width, 10);
            Assert.DoesNotContain(boxes, box.IntersectsWith);
            boxes.Add(box);
        }
        Assert.InRange(boxes.Count, 8, 59);
    }

    [Fact]
    public void A_gif_is_read_back_by_skia_as_it_was_drawn()
    {
        var random = new Random(1);
        SKBitmap[] frames = [.. Enumerable.Range(0, 3).Select(frame =>
        {
            // Noise in few colours makes the code table overflow several times.
            var bitmap = new SKBitmap(160, 120, SKColorType.Rgba8888, SKAlphaType.Opaque);
            bitmap.Pixels = [.. Enumerable.Range(0, 160 * 120).Select(i => i / 160 < 40 ? SKColors.White : new SKColor((byte)(random.Next(5) * 51), (byte)(frame * 100), (byte)(i % 3 * 80)))];
            return bitmap;
        })];
        using var codec = SKCodec.Create(new MemoryStream(AnimatedGif.Of(frames, [50, 50, 250])));
        Assert.Equal((160, 120, 3, -1), (codec.Info.Width, codec.Info.Height, codec.FrameCount, codec.RepetitionCount));
        Assert.Equal([500, 500, 2500], codec.FrameInfo.Select(frame => frame.Duration));
        for (var i = 0; i < frames.Length; i++)
        {
            using var read = new SKBitmap(new SKImageInfo(160, 120, SKColorType.Rgba8888, SKAlphaType.Opaque));
            Assert.Equal(SKCodecResult.Success, codec.GetPixels(read.Info, read.GetPixels(), new SKCodecOptions(i)));
            Assert.Equal(frames[i].Pixels, read.Pixels);
            frames[i].Dispose();
        }
    }

    [Fact]
    public void A_gif_of_more_colours_takes_the_nearest()
    {
        using var frame = new SKBitmap(64, 64, SKColorType.Rgba8888, SKAlphaType.Opaque);
        frame.Pixels = [.. Enumerable.Range(0, 64 * 64).Select(i => new SKColor((byte)(i % 64 * 4), (byte)(i / 64 * 4), 128))];
        using var read = SKBitmap.Decode(AnimatedGif.Of([frame], [10]));
        Assert.Equal(64, read.Width);
        Assert.All(frame.Pixels.Zip(read.Pixels), pair => Assert.InRange(Math.Abs(pair.First.Red - pair.Second.Red) + Math.Abs(pair.First.Green - pair.Second.Green), 0, 24));
    }

    [Fact]
    public void Animations_have_a_frame_an_epoch()
    {
        var valid = Input.Images.Where(image => Input.Seen.Contains(image.Label)).ToArray();
        var history = new EmbeddingHistory([.. valid.Select(image => image.Path)], [.. valid.Select(image => image.Label)],
            [.. Enumerable.Range(1, 4).Select(epoch => new EpochEmbeddings(epoch, [.. valid.Select((_, i) => Units.Random(1, 12, 100 * epoch + i))]))]);
        using var codec = SKCodec.Create(new MemoryStream(Figures.EmbeddingEpochs(history, Input.Labels, Input.Seen)));
        Assert.Equal(4, codec.FrameCount);
    }

    [Fact]
    public void Epochs_of_classes_that_were_not_evaluated_are_shown_too()
    {
        var valid = Input.Images.Where(image => Input.Seen.Contains(image.Label)).ToArray();
        var history = new EmbeddingHistory([.. valid.Select(image => image.Path)], [.. valid.Select(image => image.Label)], [new(1, [.. valid.Select(image => image.Embedding)])]);
        var map = EmbeddingMap.Of(history, Input.Labels, [.. Input.Seen.Skip(4)]);
        Assert.Equal(history.Labels, map.Classes.Select(i => map.Labels[i].Name));
        Assert.All(map.Labels, label => Assert.True(label.IsSeen));
        Assert.NotEmpty(EmbeddingFigure.FirstAndLast(map, Ink.Light).Svg());
    }

    [Fact]
    public void Every_figure_is_drawn_on_white_on_dark_and_as_outlines()
    {
        Func<FigureFormat, byte[]>[] figures =
        [
            format => Figures.Confusion(Result.Confusion, Input.Labels, format), format => Figures.Classes(Result, format), format => Figures.Embedding(Result, Input.Labels, format),
            format => Figures.SeenUnseen(Result.Report.Generalized!, format), format => Figures.Reliability(Result.Report.Calibration, format),
            format => Figures.Histogram([new("elk", true, 5, 2, 0), new("cow", false, 0, 0, 3)], format), format => Figures.LearningRates([(1e-4, 2), (1e-3, 1.5), (1e-2, 3)], 1e-3, format),
            format => Figures.ConfusedPairs(new(["a", "b"], 1, [1, 3, 2, 2]), Scenario.LabelsAt(("a", 0), ("b", 90)), format)!,
        ];
        foreach (var figure in figures)
        {
            using var light = new Picture(figure(FigureFormat.Png));
            using var dark = new Picture(figure(FigureFormat.DarkPng));
            Assert.Equal((light.Width, light.Height), (dark.Width, dark.Height));
            Assert.True(light.Of(OxyColors.White).Count > 0.3 * light.Width * light.Height);
            Assert.True(dark.Of(Ink.Dark.Paper).Count > 0.3 * dark.Width * dark.Height);
            Assert.Empty(dark.Of(OxyColors.Black));
            var svg = System.Text.Encoding.UTF8.GetString(figure(FigureFormat.Svg));
            Assert.Contains("<svg", svg);
            Assert.DoesNotContain("<text", svg);
            Assert.True(svg.Split("<path").Length > 6, $"{svg.Split("<path").Length} paths");
        }
        Assert.Null(Figures.ConfusedPairs(new(["a", "b"], 1, [3, 0, 0, 2]), Scenario.LabelsAt(("a", 0), ("b", 90))));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Text_and_marks_stand_out_from_the_paper(bool dark)
    {
        var ink = dark ? Ink.Dark : Ink.Light;
        Assert.InRange(Contrast(ink.Text, ink.Paper), 7, 21);
        // WCAG 2.2, 1.4.11: graphics need 3 : 1; pale parts stand beside strong ones.
        foreach (var color in (OxyColor[])[ink.Seen, ink.Border, ink.Frame]) Assert.InRange(Contrast(color, ink.Paper), 3, 21);
        foreach (var color in ink.Classes.Append(ink.Unseen)) Assert.InRange(Contrast(color, ink.Paper), 2, 21);
    }

    [Fact]
    public void A_phase_too_narrow_for_its_name_has_it_upright_or_not_at_all()
    {
        EpochRecord[] Epochs(int frozen, int all) => [.. Enumerable.Range(1, all).Select(epoch => new EpochRecord(2, epoch <= frozen ? "frozen" : "unfrozen", epoch, 1, 1, 0.5, 1e-3, 90))];
        OxyPlot.Annotations.RectangleAnnotation[] Phases(int frozen, int all, int row = 1) => [.. TrainingFigure.Draw(Epochs(frozen, all), Ink.Light).Rows[row][0].Annotations.OfType<OxyPlot.Annotations.RectangleAnnotation>()];
        Assert.Equal([("frozen backbone", 0.0), ("unfrozen backbone", 0.0)], Phases(5, 8).Select(phase => (phase.Text, phase.TextRotation)));
        Assert.Equal([("frozen backbone", -90.0), ("unfrozen backbone", 0.0)], Phases(3, 21).Select(phase => (phase.Text, phase.TextRotation)));
        Assert.Equal(["", "unfrozen backbone"], Phases(1, 60).Select(phase => phase.Text));
        // Of the losses, which come down to the axis where the names stand, only the shade.
        Assert.Equal(["", ""], Phases(5, 8, row: 0).Select(phase => phase.Text));
    }

    private static double Contrast(OxyColor a, OxyColor b)
    {
        static double Luminance(OxyColor c)
        {
            static double Linear(byte value) => value / 255.0 is <= 0.04045 and var low ? low / 12.92 : Math.Pow((value / 255.0 + 0.055) / 1.055, 2.4);
            return 0.2126 * Linear(c.R) + 0.7152 * Linear(c.G) + 0.0722 * Linear(c.B);
        }
        var (x, y) = (Luminance(a), Luminance(b));
        return (Math.Max(x, y) + 0.05) / (Math.Min(x, y) + 0.05);
    }

    private static double Correlation(IEnumerable<float> a, IEnumerable<float> b)
    {
        var (x, y) = (a.Select(value => value - a.Average()).ToArray(), b.Select(value => value - b.Average()).ToArray());
        return x.Zip(y, (p, q) => (double)p * q).Sum() / Math.Sqrt(x.Sum(p => (double)p * p) * y.Sum(q => (double)q * q));
    }
}

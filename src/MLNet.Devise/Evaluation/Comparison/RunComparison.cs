using System.Globalization;

namespace MLNet.Devise.Evaluation.Comparison;

/// <summary>Several models on the same images: what each reaches, and by how much the others differ from the first.</summary>
/// <param name="Runs">Names, the first being what the others are compared with.</param>
/// <param name="Images">Images that all were evaluated on.</param>
/// <param name="Bootstrap">How the intervals were found: images drawn within their class, the same draw for all models.</param>
/// <param name="Figures">Rates and losses.</param>
/// <param name="Tests">Right and wrong answers.</param>
/// <param name="Classes">Each class.</param>
/// <param name="Notes">What to know before believing any of it; may be empty.</param>
public sealed record RunComparison(
    IReadOnlyList<string> Runs, int Images, BootstrapOptions Bootstrap, IReadOnlyList<ComparedFigure> Figures,
    IReadOnlyList<ComparedAnswers> Tests, IReadOnlyList<ComparedClass> Classes, IReadOnlyList<string> Notes)
{
    /// <summary>Compares all runs with the first, on the images that all have.</summary>
    /// <param name="runs">At least two.</param>
    /// <param name="options">How intervals are found; null for the usual.</param>
    /// <exception cref="DeviseInputException">Fewer than two runs, runs of different data or with different unseen classes, or an option out of range.</exception>
    public static RunComparison Of(IReadOnlyList<EvaluatedRun> runs, BootstrapOptions? options = null)
    {
        var drawing = (options ?? new()).Validated();
        if (drawing.Resamples == 0) throw new DeviseInputException("resamples: 0, expected at least 1: a difference without an interval says little");
        if (runs.Count < 2) throw new DeviseInputException($"{runs.Count} run, expected at least two to compare");
        var images = PairedImages.Of(runs);
        var (figures, classes) = ComparedFigures.Of(runs, images, drawing);
        return new([.. runs.Select(run => run.Name)], images.Count, drawing, figures, ComparedAnswers.Of(runs, images), classes, Remarks(runs, images));
    }

    private static string[] Remarks(IReadOnlyList<EvaluatedRun> runs, PairedImages images)
    {
        static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
        List<string> notes = [.. runs.Where(run => run.Predictions.Count > images.Count).Select(run => $"{run.Name}: {Number(run.Predictions.Count - images.Count)} of its {Number(run.Predictions.Count)} images are not in all runs and were left out.")];
        if (runs.Select(run => (run.Report.Seen.Labels, run.Report.ZeroShot?.AllLabels.Labels)).Distinct().Count() > 1)
            notes.Add("The runs choose among different numbers of labels, which makes every rate easier for those with fewer.");
        if (runs.Select(run => run.Report.Data.SeenSplit).Distinct().Count() > 1) notes.Add("Some runs were evaluated on test images and some on validation images of the seen classes.");
        return [.. notes];
    }
}

/// <summary>One figure of all runs.</summary>
/// <param name="Key">Its place in metrics.json where it stands there: <c>seen.top1</c>.</param>
/// <param name="LowerIsBetter">True for a loss.</param>
/// <param name="Values">One a run.</param>
/// <param name="Intervals">Of the values.</param>
/// <param name="Differences">From the first run, one for each other run.</param>
public sealed record ComparedFigure(string Key, bool LowerIsBetter, IReadOnlyList<double> Values, IReadOnlyList<Interval> Intervals, IReadOnlyList<Difference> Differences);

/// <summary>How much larger a figure is than the first run's.</summary>
/// <param name="Value">The run's − the first one's.</param>
/// <param name="Interval">Paired: both on the same draw of images.</param>
public sealed record Difference(double Value, Interval Interval);

/// <summary>One class in all runs.</summary>
/// <param name="Label">The class.</param>
/// <param name="IsSeen">Whether it was trained on.</param>
/// <param name="Images">Its images.</param>
/// <param name="Top1">Share with the right best label of its own kind, one a run.</param>
/// <param name="Differences">From the first run, one for each other run.</param>
public sealed record ComparedClass(string Label, bool IsSeen, int Images, IReadOnlyList<double> Top1, IReadOnlyList<Difference> Differences);

/// <summary>Right and wrong answers of a run beside the first one's.</summary>
/// <param name="Key">Which answers: <c>seen.top1</c>, <c>zeroShot.unseenLabels.top1</c>, or <c>generalized.top1</c> (all images, all labels, each run with its own γ).</param>
/// <param name="Run">The run that is compared with the first.</param>
/// <param name="Test">McNemar's; its first model is the first run.</param>
/// <param name="Holm">Its mid-p value, adjusted for the number of tests in the comparison (Holm 1979).</param>
public sealed record ComparedAnswers(string Key, string Run, McNemarTest Test, double Holm)
{
    internal static ComparedAnswers[] Of(IReadOnlyList<EvaluatedRun> runs, PairedImages images)
    {
        var all = new List<(string Key, string Run, McNemarTest Test)>();
        void Add(string key, Range range, Func<ImagePrediction, double, bool> right)
        {
            if (range.GetOffsetAndLength(images.Count).Length == 0) return;
            for (var run = 1; run < runs.Count; run++)
                all.Add((key, runs[run].Name, McNemarTest.Of(images.Predictions[0][range].Zip(images.Predictions[run][range], (a, b) => (right(a, runs[0].Gamma), right(b, runs[run].Gamma))))));
        }
        Add("seen.top1", ..images.SeenItems, (p, _) => p.RankOwn == 1);
        Add("zeroShot.unseenLabels.top1", images.SeenItems.., (p, _) => p.RankOwn == 1);
        if (images.SeenItems < images.Count) Add("generalized.top1", .., ComparedFigures.RightAt);
        var adjusted = McNemarTest.Holm([.. all.Select(test => test.Test.MidP)]);
        return [.. all.Select((test, i) => new ComparedAnswers(test.Key, test.Run, test.Test, adjusted[i]))];
    }
}

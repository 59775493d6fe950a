using MLNet.Devise.Data;
using MLNet.Devise.Reports.Drawing;

namespace MLNet.Devise.Reports.Pages;

/// <summary>The figures of a report, drawn once for each kind of file.</summary>
internal sealed class ReportFigures
{
    private readonly Dictionary<string, (byte[] Light, byte[] Dark, byte[] Svg)> _files = new(StringComparer.Ordinal);
    private readonly string[] _missing;

    /// <exception cref="DeviseInputException">The labels have no vector for a class of the evaluation.</exception>
    public ReportFigures(ReportInput input)
    {
        var (result, labels) = (input.Evaluation, input.Labels);
        var (matrix, pairs) = (LabelOrder.Sorted(result.Confusion, labels), ConfusedPair.Of(result.Confusion, labels, ConfusedPairsFigure.Most));
        if (pairs.Count > 0) WorstPair = $"{ClassList.Display(pairs[0].Truth)} is taken for {ClassList.Display(pairs[0].Answer)} in {pairs[0].Count} of {pairs[0].Images} photos";
        if (result.Images.Count > 1 && labels.Dimension > 1) Map = EmbeddingMap.Of(result, labels);
        if (input.Embeddings is { } history) EpochMap = EmbeddingMap.Of(history, labels, [.. result.Confusion.Labels.Take(result.Confusion.SeenCount)]);

        (string Name, Func<Ink, Sheet>? Draw)[] all =
        [
            ("classes", ink => ClassFigure.Draw(result, ink)),
            ("confusion", ink => ConfusionFigure.Draw(matrix, ink, sorted: true)),
            ("reliability", ink => ReliabilityFigure.Draw(result.Report.Calibration, ink)),
            ("confused-pairs", pairs.Count > 0 ? ink => ConfusedPairsFigure.Draw(pairs, ink) : null),
            ("seen-unseen", result.Report.Generalized is { } generalized ? ink => SeenUnseenFigure.Draw(generalized, ink) : null),
            ("embedding", Map is { } map ? ink => EmbeddingFigure.Draw(map, ink) : null),
            ("embedding-epochs", EpochMap is { } epochs ? ink => EmbeddingFigure.FirstAndLast(epochs, ink) : null),
            ("histogram", input.Classes.Count > 0 ? ink => HistogramFigure.Draw(input.Classes, ink) : null),
            ("training", input.History.Count > 0 ? ink => TrainingFigure.Draw(input.History, ink) : null),
        ];
        _missing = [.. all.Where(figure => figure.Draw is null).Select(figure => figure.Name)];
        (string Name, Func<Ink, Sheet> Draw)[] wanted = [.. all.Where(figure => figure.Draw is not null).Select(figure => (figure.Name, figure.Draw!))];
        var drawn = new (byte[], byte[], byte[])[wanted.Length];
        Parallel.For(0, drawn.Length, i => drawn[i] = (wanted[i].Draw(Ink.Light).Png(), wanted[i].Draw(Ink.Dark).Png(), wanted[i].Draw(Ink.Light).Svg()));
        foreach (var ((name, _), files) in wanted.Zip(drawn)) _files.Add(name, files);
    }

    /// <summary>Where the evaluated photos lie.</summary>
    public EmbeddingMap? Map { get; }

    /// <summary>Where validation photos lay after each epoch.</summary>
    public EmbeddingMap? EpochMap { get; }

    /// <summary>The pair of classes that is confused most, in words.</summary>
    public string WorstPair { get; } = "none";

    /// <summary>Writes every figure as a file of its own; those that an earlier report left and this one has not go.</summary>
    public void Save(string folder)
    {
        foreach (var (name, (light, _, svg)) in _files)
        {
            WholeFile.Write(Path.Combine(folder, $"{name}.png"), stream => stream.Write(light));
            WholeFile.Write(Path.Combine(folder, $"{name}.svg"), stream => stream.Write(svg));
        }
        const string Animation = "embedding-epochs.gif";
        if (EpochMap is { } epochs) WholeFile.Write(Path.Combine(folder, Animation), stream => stream.Write(Figures.Animation(epochs)));
        else File.Delete(Path.Combine(folder, Animation));
        foreach (var name in _missing)
        {
            File.Delete(Path.Combine(folder, $"{name}.png"));
            File.Delete(Path.Combine(folder, $"{name}.svg"));
        }
    }

    /// <summary>Puts a figure into the page, on white and on dark paper; nothing where there is none of that name.</summary>
    public void Write(Html html, string name, string title, string caption, string alt)
    {
        if (!_files.TryGetValue(name, out var files)) return;
        html.Line($"""
            <figure class="plot"><h3>{title}</h3><div class="scroll"><picture><source media="(prefers-color-scheme: dark)" srcset="data:image/png;base64,{Convert.ToBase64String(files.Dark)}"><img class="{name}" alt="{alt}" data-zoom="{caption}" src="data:image/png;base64,{Convert.ToBase64String(files.Light)}"></picture></div><figcaption>{caption}</figcaption></figure>
            """);
    }
}

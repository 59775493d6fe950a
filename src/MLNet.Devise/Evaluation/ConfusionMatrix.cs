namespace MLNet.Devise.Evaluation;

/// <summary>How often an image of one class (row) got the best cosine with another (column), seen and unseen labels competing.</summary>
/// <param name="Labels">Classes of rows and columns: seen, then unseen.</param>
/// <param name="SeenCount">The first so many are seen.</param>
/// <param name="Counts">Row-major, true × predicted.</param>
public sealed record ConfusionMatrix(IReadOnlyList<string> Labels, int SeenCount, IReadOnlyList<int> Counts)
{
    /// <summary>Images of class <paramref name="truth"/> taken for <paramref name="predicted"/>.</summary>
    public int Count(int truth, int predicted) => Counts[truth * Labels.Count + predicted];

    /// <summary>Images of a class.</summary>
    public int Images(int truth) => Enumerable.Range(0, Labels.Count).Sum(predicted => Count(truth, predicted));

    /// <summary>Share of a class's images taken for another, 0..1; 0 for a class without images.</summary>
    public double Share(int truth, int predicted) => Images(truth) is > 0 and var images ? (double)Count(truth, predicted) / images : 0;

    /// <summary>The class that this one is most often taken for, other than itself; −1 where it never is. Ties go to the lower index.</summary>
    public int MostConfusedWith(int truth)
    {
        var worst = -1;
        for (var predicted = 0; predicted < Labels.Count; predicted++)
            if (predicted != truth && Count(truth, predicted) > (worst < 0 ? 0 : Count(truth, worst))) worst = predicted;
        return worst;
    }

    internal static ConfusionMatrix Of(EvaluatedImages images)
    {
        var counts = new int[images.Known * images.Known];
        for (var i = 0; i < images.Items.Count; i++)
            counts[images.Truth[i] * images.Known + GeneralizedMetrics.BestLabel(images.Cosines(i)[..images.Known], images.Seen, 0)]++;
        return new([.. images.Labels.Names.Take(images.Known)], images.Seen, counts);
    }
}

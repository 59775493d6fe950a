using System.Numerics.Tensors;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>
/// Puts like labels side by side: clusters are merged by mean cosine (average linkage), each a row of labels, and of the four ways to join
/// two rows that is taken in which the labels that come to touch are most alike.
/// </summary>
internal static class LabelOrder
{
    // Beyond it nobody reads a matrix, and n³ steps take seconds.
    private const int Most = 1000;

    /// <summary>The same matrix with its seen classes in order, and its unseen ones.</summary>
    public static ConfusionMatrix Sorted(ConfusionMatrix matrix, LabelSpace labels)
    {
        var vectors = labels.Select(matrix.Labels);
        var all = Enumerable.Range(0, matrix.Labels.Count).ToArray();
        int[] order = [.. Of(vectors, all[..matrix.SeenCount]), .. Of(vectors, all[matrix.SeenCount..])];
        return matrix with
        {
            Labels = [.. order.Select(i => matrix.Labels[i])],
            Counts = [.. order.SelectMany(truth => order.Select(predicted => matrix.Count(truth, predicted)))],
        };
    }

    /// <summary>Some labels of a space in order.</summary>
    public static IReadOnlyList<int> Of(LabelSpace labels, int[] some)
    {
        if (some.Length is < 3 or > Most) return some;
        var rows = some.Select(label => new List<int> { label }).ToArray();
        var likeness = rows.Select(row => rows.Select(other => Cosine(labels, row[0], other[0])).ToArray()).ToArray();
        var left = Enumerable.Range(0, rows.Length).ToList();
        while (left.Count > 1)
        {
            var (a, b) = Nearest(likeness, left);
            foreach (var c in left)
                likeness[a][c] = likeness[c][a] = (rows[a].Count * likeness[a][c] + rows[b].Count * likeness[b][c]) / (rows[a].Count + rows[b].Count);
            rows[a] = Join(labels, rows[a], rows[b]);
            left.Remove(b);
        }
        return rows[left[0]];
    }

    private static (int A, int B) Nearest(float[][] likeness, List<int> left)
    {
        var (best, highest) = ((A: 0, B: 0), float.NegativeInfinity);
        for (var i = 0; i < left.Count; i++)
            for (var j = i + 1; j < left.Count; j++)
                if (likeness[left[i]][left[j]] > highest) (best, highest) = ((left[i], left[j]), likeness[left[i]][left[j]]);
        return best;
    }

    private static List<int> Join(LabelSpace labels, List<int> a, List<int> b)
    {
        List<int> Turned(List<int> row) => [.. Enumerable.Reverse(row)];
        (List<int> First, List<int> Second)[] ways = [(a, b), (a, Turned(b)), (Turned(a), b), (Turned(a), Turned(b))];
        var (first, second) = ways.MaxBy(way => Cosine(labels, way.First[^1], way.Second[0]));
        return [.. first, .. second];
    }

    private static float Cosine(LabelSpace labels, int a, int b) => TensorPrimitives.Dot(labels.Vector(a), labels.Vector(b));
}

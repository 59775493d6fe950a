using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;
using MLNet.Devise.Tests.Search;

namespace MLNet.Devise.Tests.Evaluation;

/// <summary>Inputs for the metrics: drawn by a seed, or set by hand.</summary>
internal static class Scenario
{
    public static ModelFacts Model { get; } = new(1_404_868, 5_600_000, "squeezenet1_1");

    /// <summary>Images that lie near their label's vector; class sizes differ, every fourth class has one image only.</summary>
    public static EvaluationInput Random(int seen, int unseen, int further, int dimension = 12, float noise = 0.6f, int seed = 1, double? gamma = 0.2)
    {
        var names = Enumerable.Range(0, seen + unseen + further).Select(i => $"class+{i}").ToArray();
        var labels = new LabelSpace([.. names.Reverse()], Units.Random(names.Length, dimension, seed));
        var images = new List<LabelledEmbedding>();
        for (var c = 0; c < seen + unseen; c++)
        {
            var split = c < seen ? Split.Valid : Split.Test;
            for (var i = 0; i < (c % 4 == 3 ? 1 : 2 + c % 3 * 7); i++) images.Add(new($"{names[c]}/{i}.jpg", names[c], split, Near(labels, names[c], noise, seed * 1000 + c * 100 + i)));
            if (c < seen) images.Add(new($"{names[c]}/train.jpg", names[c], Split.Train, Near(labels, names[c], noise, c)));
        }
        return new() { Images = images, Labels = labels, Seen = names[..seen], Unseen = names[seen..(seen + unseen)], Model = Model, Gamma = gamma };
    }

    /// <summary>Two-dimensional unit vectors from angles in degrees, to see the answer by eye.</summary>
    public static float[] At(double degrees) => [(float)Math.Cos(degrees * Math.PI / 180), (float)Math.Sin(degrees * Math.PI / 180)];

    public static LabelSpace LabelsAt(params (string Name, double Degrees)[] labels) => new([.. labels.Select(label => label.Name)], labels.SelectMany(label => At(label.Degrees)).ToArray());

    private static float[] Near(LabelSpace labels, string name, float noise, int seed)
    {
        var vector = labels.Vector(labels.IndexOf(name)).ToArray();
        var off = Units.Random(1, vector.Length, seed);
        for (var i = 0; i < vector.Length; i++) vector[i] += noise * 2 * off[i];
        Units.Normalize(vector);
        return vector;
    }
}

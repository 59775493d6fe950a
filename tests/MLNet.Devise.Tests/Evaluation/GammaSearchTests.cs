using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Tests.Evaluation;

public sealed class GammaSearchTests
{
    [Fact]
    public void A_case_worked_by_hand()
    {
        // Labels: cat, dog seen; fox held out. A handicap above 0.1 frees the first fox, above 0.3 the second; from 0.25 on it costs the dog.
        var seen = new LabelCosines([0.9f, 0.2f, 0.1f, 0.1f, 0.625f, 0.375f], [0, 1]);
        var held = new LabelCosines([0.6f, 0.1f, 0.5f, 0.3f, 0.8f, 0.5f], [2, 2]);
        var best = GammaSearch.Best(seen, held, [false, false, true]);
        // 0.11 … 0.25 (where the dog wins its tie by its lower index): fox ½, cat and dog 1 → 2/3. From 0.31: fox 1, seen ½ → 2/3 too: the smallest wins.
        Assert.Equal((0.5, 1, 2 / 3.0), (best.Unseen, best.Seen, best.Harmonic));
        Assert.InRange(best.Gamma, 0.1, 0.11);
    }

    [Fact]
    public void Where_nothing_is_ever_right_the_smallest_is_taken()
    {
        var wrong = new LabelCosines([0.5f, 0.9f, 0.1f], [2]);
        Assert.Equal(-0.2, GammaSearch.Best(new([0.1f, 0.9f, 0.2f], [0]), wrong, [false, false, true]).Gamma);
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3)]
    public void It_equals_its_naive_twin(int seed)
    {
        var random = new Random(seed);
        bool[] held = [true, false, false, false, true, false, false, false, true];
        LabelCosines Draw(int count, bool of) => Images(count, [.. Enumerable.Range(0, 9).Where(label => held[label] == of)]);
        LabelCosines Images(int count, int[] labels)
        {
            var truth = Enumerable.Range(0, count).Select(_ => labels[random.Next(labels.Length)]).ToArray();
            // On a grid of hundredths there are ties, between labels and between handicaps.
            return new([.. truth.SelectMany(own => Enumerable.Range(0, 9).Select(label => (float)Math.Round(random.NextDouble() * 0.5 + (label == own ? 0.25 : 0) + (held[label] ? 0 : 0.1), 2)))], truth);
        }
        var (seen, pseudo) = (Draw(70, false), Draw(40, true));
        var (gamma, harmonic) = (double.NaN, -1.0);
        for (var step = 0; step <= 120; step++)
        {
            var g = -0.2 + 0.01 * step;
            var (s, u) = (PerClass(seen, held, (float)g), PerClass(pseudo, held, (float)g));
            var h = u + s > 0 ? 2 * u * s / (u + s) : 0;
            if (h > harmonic) (gamma, harmonic) = (g, h);
        }
        var best = GammaSearch.Best(seen, pseudo, held);
        Assert.Equal(gamma, best.Gamma, 1e-9);
        Assert.Equal(harmonic, best.Harmonic, 1e-12);
        Assert.InRange(best.Harmonic, 0.3, 0.999);
    }

    [Fact]
    public void Without_images_of_both_kinds_there_is_nothing_to_choose()
    {
        Assert.Throws<ArgumentException>(() => GammaSearch.Best(new([], []), new([1], [0]), [true]));
        Assert.Throws<ArgumentException>(() => GammaSearch.Best(new([1], [0]), new([], []), [true]));
    }

    private static double PerClass(LabelCosines images, bool[] held, float gamma)
    {
        var hits = new Dictionary<int, List<bool>>();
        for (var i = 0; i < images.Truth.Count; i++)
        {
            var winner = 0;
            float Score(int label) => images.Values[i * held.Length + label] - (held[label] ? 0 : gamma);
            for (var label = 1; label < held.Length; label++)
                if (Score(label) > Score(winner)) winner = label;
            if (!hits.TryGetValue(images.Truth[i], out var own)) hits.Add(images.Truth[i], own = []);
            own.Add(winner == images.Truth[i]);
        }
        return hits.Values.Average(own => own.Count(hit => hit) / (double)own.Count);
    }
}

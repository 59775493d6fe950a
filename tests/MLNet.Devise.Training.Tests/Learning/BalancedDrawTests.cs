using MLNet.Devise.Data;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Training.Tests.Learning;

public sealed class BalancedDrawTests : IDisposable
{
    private static readonly Dictionary<string, int> Sizes = new() { ["ant"] = 3, ["bee"] = 50, ["cat"] = 11, ["dog"] = 1, ["eel"] = 24 };

    private readonly TemporaryFolder _folder = new();
    private readonly ImageItem[] _items = [.. Sizes.SelectMany(size => Enumerable.Range(0, size.Value).Select(i => new ImageItem($"{size.Key}/{i}.png", size.Key, Split.Train)))];

    [Fact]
    public void Every_class_comes_equally_often_within_one_in_each_epoch_and_in_all()
    {
        var all = new Dictionary<string, int>();
        for (var epoch = 0; epoch < 13; epoch++)
        {
            var drawn = BalancedDraw.Of(_items, 5, epoch);
            Assert.Equal(_items.Length, drawn.Length);
            var counts = drawn.CountBy(item => item.Label).ToDictionary();
            Assert.Equal(Sizes.Keys.Order(), counts.Keys.Order());
            Assert.InRange(counts.Values.Max() - counts.Values.Min(), 0, 1);
            foreach (var (label, count) in counts) all[label] = all.GetValueOrDefault(label) + count;
            Assert.InRange(all.Values.Max() - all.Values.Min(), 0, 1);
        }
    }

    [Fact]
    public void An_image_comes_again_only_after_all_others_of_its_class()
    {
        var stream = Enumerable.Range(0, 20).SelectMany(epoch => BalancedDraw.Of(_items, 5, epoch)).ToLookup(item => item.Label, item => item.Path);
        foreach (var (label, size) in Sizes)
        {
            var rounds = stream[label].Chunk(size).ToArray();
            Assert.All(rounds, round => Assert.Equal(round.Length, round.Distinct().Count()));
            if (size > 2) Assert.True(rounds.Select(round => string.Join(' ', round)).Distinct().Count() > 1);
        }
    }

    [Fact]
    public void Seed_and_epoch_decide_alone()
    {
        Assert.Equal(BalancedDraw.Of(_items, 5, 4), BalancedDraw.Of(_items, 5, 4));
        Assert.NotEqual(BalancedDraw.Of(_items, 5, 4), BalancedDraw.Of(_items, 5, 5));
        Assert.NotEqual(BalancedDraw.Of(_items, 5, 4), BalancedDraw.Of(_items, 6, 4));
    }

    [Fact]
    public void A_feed_draws_balanced_where_it_is_asked_to()
    {
        var data = Data();
        using var plain = new ImageFeed(data, new() { BatchSize = 4 });
        using var balanced = new ImageFeed(data, new() { BatchSize = 4, Balance = ClassBalance.Sampling });
        Assert.Equal(plain.StepsPerEpoch, balanced.StepsPerEpoch);
        Assert.Equal(plain.Steps(2).Count(), balanced.Steps(2).Count());
        var counts = balanced.Steps(2).SelectMany(step => step).CountBy(item => item.Label).ToDictionary();
        Assert.InRange(counts["small"], counts["large"] - 5, counts["large"] + 5);
        Assert.Equal(balanced.Steps(2), balanced.Steps(2));
    }

    [Fact]
    public void Weights_are_mean_size_over_own_size_and_1_on_average()
    {
        var data = Data();
        var weights = BalancedDraw.Weights(data);
        var train = data.Of(Split.Train).ToArray();
        Assert.Equal(data.Seen.Count, weights.Length);
        for (var i = 0; i < weights.Length; i++) Assert.Equal(train.Length / 2.0 / train.Count(item => item.Label == data.Seen[i]), weights[i], 1e-5);
        Assert.Equal(1, train.Average(item => weights[data.Seen.ToList().IndexOf(item.Label)]), 1e-5);
    }

    public void Dispose() => _folder.Dispose();

    private ImageDataset Data()
    {
        foreach (var (label, count) in (ReadOnlySpan<(string, int)>)[("large", 40), ("small", 6)])
            for (var i = 0; i < count; i++) _folder.Write($"data/JPEGImages/{label}/{i}.png", "");
        return ImageDataset.Open(_folder["data"]);
    }
}

using MLNet.Devise.Data;

namespace MLNet.Devise.Training.Learning;

/// <summary>What is done about classes with few images.</summary>
internal static class BalancedDraw
{
    /// <summary>
    /// As many images as there are, of every class equally many within one. Each class goes through its images in shuffled rounds, from
    /// epoch to epoch, so that none comes again before all others have come; the odd ones out pass on from class to class.
    /// </summary>
    /// <param name="items">The training images.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">Counted over the whole run.</param>
    public static ImageItem[] Of(IReadOnlyCollection<ImageItem> items, long seed, int epoch)
    {
        var classes = items.GroupBy(item => item.Label, StringComparer.Ordinal).OrderBy(group => StableHash.Of(group.Key, seed)).ThenBy(group => group.Key, StringComparer.Ordinal).ToArray();
        var (each, over) = (items.Count / classes.Length, items.Count % classes.Length);
        // Of all the odd ones of the epochs before, laid out over the classes in a ring, this many have met class c.
        long Before(long epochs, int c) => epochs * each + (epochs * over - c + classes.Length - 1) / classes.Length;
        return [.. classes.SelectMany((images, c) =>
        {
            var (from, to) = (Before(epoch, c), Before(epoch + 1L, c));
            return Rounds([.. images], $"{images.Key}", seed, from, to);
        })];
    }

    /// <summary>Weight of each class's images in the loss: mean class size over its own size, so that the mean over all images stays 1. A class without training images gets 0.</summary>
    public static float[] Weights(ImageDataset data)
    {
        var sizes = data.Of(Split.Train).CountBy(item => item.Label).ToDictionary(StringComparer.Ordinal);
        var mean = sizes.Values.Average();
        return [.. data.Seen.Select(label => sizes.TryGetValue(label, out var size) ? (float)(mean / size) : 0)];
    }

    private static IEnumerable<ImageItem> Rounds(ImageItem[] images, string label, long seed, long from, long to)
    {
        var (round, shuffled) = (-1L, images);
        for (var at = from; at < to; at++)
        {
            if (at / images.Length != round)
            {
                round = at / images.Length;
                shuffled = [.. images];
                new Random(StableHash.Seed(seed, $"round {round} {label}")).Shuffle(shuffled);
            }
            yield return shuffled[at % images.Length];
        }
    }
}

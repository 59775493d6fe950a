using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Search;

namespace MLNet.Devise.Evaluation;

/// <summary>
/// The images that count, with their cosines to every label. Images: seen classes, then unseen ones, each by path. Labels: seen, then
/// unseen, then further ones. These two orders decide all ties, so the order of the input changes nothing.
/// </summary>
internal sealed class EvaluatedImages
{
    private readonly float[] _cosines;

    private EvaluatedImages(LabelledEmbedding[] items, int seenItems, Split seenSplit, LabelSpace labels, int seen, int known, LabelledEmbedding[] tuning)
    {
        (Items, SeenItems, SeenSplit, Labels, Seen, Known) = (items, seenItems, seenSplit, labels, seen, known);
        TuningTruth = [.. tuning.Select(item => labels.IndexOf(item.Label))];
        TuningRows = [.. tuning.Select(item => { var row = new float[labels.Names.Count]; labels.Cosines(item.Embedding, row); return row[..seen]; })];
        Truth = [.. items.Select(item => labels.IndexOf(item.Label))];
        _cosines = new float[items.Length * labels.Names.Count];
        Parallel.For(0, items.Length, i => labels.Cosines(items[i].Embedding, _cosines.AsSpan(i * labels.Names.Count, labels.Names.Count)));
    }

    public IReadOnlyList<LabelledEmbedding> Items { get; }

    /// <summary>The first so many images are of seen classes.</summary>
    public int SeenItems { get; }

    /// <summary>Which images of the seen classes these are.</summary>
    public Split SeenSplit { get; }

    public LabelSpace Labels { get; }

    /// <summary>The first so many labels are seen.</summary>
    public int Seen { get; }

    /// <summary>The first so many labels are seen or unseen; the rest only distract.</summary>
    public int Known { get; }

    /// <summary>Label index of each image.</summary>
    public IReadOnlyList<int> Truth { get; }

    /// <summary>Cosines with the seen labels of validation images of seen classes, which are not evaluated; none where validation images are.</summary>
    public IReadOnlyList<float[]> TuningRows { get; }

    /// <summary>Label index of each of them.</summary>
    public IReadOnlyList<int> TuningTruth { get; }

    /// <summary>Cosines of an image with every label.</summary>
    public ReadOnlySpan<float> Cosines(int image) => _cosines.AsSpan(image * Labels.Names.Count, Labels.Names.Count);

    public static EvaluatedImages Of(EvaluationInput input)
    {
        var known = input.Seen.Concat(input.Unseen).ToArray();
        if (input.Seen.Count == 0) throw new DeviseInputException("no seen class, expected at least one");
        var labels = input.Labels.Select(known.Concat(input.Labels.Names.Except(known, StringComparer.Ordinal)));
        var seen = new HashSet<string>(input.Seen, StringComparer.Ordinal);
        var both = new HashSet<string>(known, StringComparer.Ordinal);
        foreach (var image in input.Images)
        {
            if (!both.Contains(image.Label)) throw new DeviseInputException($"{image.Path}: label '{image.Label}' is neither a seen nor an unseen class");
            UnitVectors.Check(image.Embedding, labels.Dimension, "embedding of", image.Path);
        }

        var split = CheckRoom(input.Images.Select(image => (image.Label, image.Split)), seen, labels.Names.Count);
        var ofSeen = ByPath(input.Images.Where(image => seen.Contains(image.Label) && image.Split == split));
        if (ofSeen.Length == 0) throw new DeviseInputException($"none of {input.Images.Count} images is of a seen class and for validation or test, expected some to evaluate on");
        var ofUnseen = ByPath(input.Images.Where(image => !seen.Contains(image.Label)));
        var tuning = split == Split.Test ? ByPath(input.Images.Where(image => seen.Contains(image.Label) && image.Split == Split.Valid)) : [];
        return new([.. ofSeen, .. ofUnseen], ofSeen.Length, split, labels, input.Seen.Count, known.Length, tuning);
    }

    /// <summary>Throws where the cosines of all images with all labels do not fit into one array; says which images of the seen classes count.</summary>
    /// <param name="images">Labels and splits of all images.</param>
    /// <param name="seen">The seen classes.</param>
    /// <param name="labels">How many labels compete.</param>
    /// <exception cref="DeviseInputException">They do not fit.</exception>
    public static Split CheckRoom(IEnumerable<(string Label, Split Split)> images, IEnumerable<string> seen, int labels)
    {
        var (all, known) = (images.ToArray(), seen.ToHashSet(StringComparer.Ordinal));
        var which = all.Any(image => image.Split == Split.Test && known.Contains(image.Label)) ? Split.Test : Split.Valid;
        var count = all.LongCount(image => image.Split == which || !known.Contains(image.Label));
        return count * labels <= Array.MaxLength ? which
            : throw new DeviseInputException($"{count} images and {labels} labels: their cosines are more than the {Array.MaxLength} that can be held, expected fewer --labels; --vectors alone streams a whole vocabulary");
    }

    private static LabelledEmbedding[] ByPath(IEnumerable<LabelledEmbedding> images) => [.. images.OrderBy(image => image.Path, StringComparer.Ordinal)];
}

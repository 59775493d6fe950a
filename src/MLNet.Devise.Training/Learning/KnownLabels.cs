using MLNet.Devise.Labels;
using MLNet.Devise.Training.Backbones;

namespace MLNet.Devise.Training.Learning;

/// <summary>The classes that pretrained weights tell apart, as far as their names have vectors and give no test class away.</summary>
/// <param name="Classes">Positions among the logits, ascending.</param>
/// <param name="Vectors">Their unit vectors, row-major.</param>
/// <param name="Dimension">Values a vector.</param>
internal sealed record KnownLabels(IReadOnlyList<int> Classes, float[] Vectors, int Dimension)
{
    /// <summary>Looks every class up in a word-vector file, of any kind: a synonym as it stands, else the mean of a synonym's words, else its last word.</summary>
    /// <param name="vectors">The file.</param>
    /// <param name="untrained">Classes of the data that are not trained on.</param>
    /// <param name="transform">What the label vectors went through; null for nothing.</param>
    /// <exception cref="DeviseInputException">The file is missing or a line is not as expected.</exception>
    public static KnownLabels Of(string vectors, IReadOnlyCollection<string> untrained, LabelTransform? transform)
    {
        var spellings = Phrases.Spellings(ImageNetClasses.Synonyms.SelectMany(synonyms => synonyms));
        using var words = WordVectors.Open(vectors, spellings.Contains);
        var finder = new PhraseFinder(words, new() { Awa2Aliases = false });
        var (classes, values, unit) = (new List<int>(), new List<float>(), new float[words.Dimension]);
        foreach (var (synonyms, i) in ImageNetClasses.Synonyms.Select((synonyms, i) => (synonyms, i)))
        {
            if (untrained.Any(name => Names(synonyms, name)) || !TryFind(synonyms, words, finder, unit)) continue;
            if (transform is not null && !transform.TryApply([.. unit], unit)) continue;
            classes.Add(i);
            values.AddRange(unit);
        }
        return new(classes, [.. values], words.Dimension);
    }

    /// <summary>
    /// Whether a synonym is the class or contains its last word: <c>giant+panda</c> is named by <c>giant_panda</c> and by
    /// <c>lesser_panda</c>. Rather too much is left out than too little.
    /// </summary>
    public static bool Names(IEnumerable<string> synonyms, string name)
    {
        var (whole, last) = (string.Join('_', Phrases.Words(name)), Phrases.Words(name).LastOrDefault(name));
        return synonyms.Any(synonym => synonym.Equals(whole, StringComparison.OrdinalIgnoreCase) || synonym.Split('_', '-').Contains(last, StringComparer.OrdinalIgnoreCase));
    }

    private static bool TryFind(string[] synonyms, WordVectors words, PhraseFinder finder, Span<float> unit)
    {
        foreach (var spelled in synonyms.SelectMany(Phrases.Whole))
            if (words.TryGet(spelled, unit) && Phrases.TryNormalize(unit, unit)) return true;
        foreach (var synonym in synonyms)
            if (finder.TryFind(synonym, unit, out _, infer: false)) return true;
        foreach (var last in synonyms.Select(synonym => Phrases.Words(synonym)[^1].ToLowerInvariant()))
            if (words.TryGet(last, unit) && Phrases.TryNormalize(unit, unit)) return true;
        return false;
    }
}

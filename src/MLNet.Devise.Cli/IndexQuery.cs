using MLNet.Devise.Jobs;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;
using MLNet.Devise.Search;

namespace MLNet.Devise.Cli;

/// <summary>What is looked for, as a vector.</summary>
/// <param name="index">Where it is looked for.</param>
/// <param name="named">The bundle named by hand.</param>
/// <param name="vectors">Word vectors named by hand.</param>
/// <param name="check">Looks at the bundle once it is opened, where the index itself does not know what made its vectors.</param>
internal sealed class IndexQuery(VectorIndex index, string? named, string? vectors, Action<ModelBundle>? check = null)
{
    private ModelBundle? _bundle;

    /// <summary>The bundle that made the index's vectors.</summary>
    public ModelBundle Bundle => _bundle ??= OpenBundle();

    /// <summary>Words, an image, or both: then <paramref name="mix"/> is how much the words count, 0..1.</summary>
    public float[] Embed(string? words, string? photo, double mix)
    {
        if (words is null) return OfImage(photo!);
        if (photo is null) return OfText(words);
        var (text, query) = (OfText(words), OfImage(photo));
        for (var i = 0; i < query.Length; i++) query[i] = (float)((1 - mix) * query[i] + mix * text[i]);
        return Phrases.TryNormalize(query, query) ? query : throw new DeviseInputException($"--mix {mix}: '{words}' and {photo} cancel out, expected something to be left");
    }

    private float[] OfText(string words)
    {
        var query = TextQuery.Parse(words);
        // The index has the labels: neither bundle nor word vectors are needed for them.
        return index.Model is { Labels: var labels } && query.Terms.All(term => labels.Find(term.Text) >= 0)
            ? query.Resolve(text => labels.Vector(labels.Find(text)).ToArray())
            : Bundle.EmbedText(words, vectors);
    }

    private float[] OfImage(string photo)
    {
        var stored = new float[index.Dimension];
        if (!File.Exists(photo) && index.TryGet(photo, stored)) return stored;
        using var scorer = new ImageScorer(Bundle, new() { K = 1 }, workers: 1);
        var row = scorer.Score([Path.GetFullPath(photo)]).Single();
        return row.Embedding is { } embedding ? embedding.ToArray() : throw new DeviseInputException($"{photo}: {row.Status.Name()}: {row.Error}");
    }

    private ModelBundle OpenBundle()
    {
        var folder = named ?? index.Model?.Bundle ?? throw new DeviseInputException("the index does not say which bundle made it; name that one with --bundle");
        if (!Directory.Exists(folder)) throw new DeviseInputException($"{folder}: no such bundle, expected the one that made the vectors; name it with --bundle");
        var bundle = ModelBundle.Open(folder);
        if (index.Model is { Sha256: var expected } && IndexModel.Of(bundle).Sha256 != expected)
            throw new DeviseInputException($"{folder}: another network than the one that made the index's vectors; they cannot be compared. Name that one with --bundle, or build the index again");
        check?.Invoke(bundle);
        return bundle;
    }
}

using System.Globalization;
using System.Numerics.Tensors;

namespace MLNet.Devise.Labels;

/// <summary>A word that a phrase's vector was made of.</summary>
/// <param name="Word">As the file spells it.</param>
/// <param name="Weight">Its share, 0..1; all shares add up to 1.</param>
/// <param name="Rank">Its position in the file, from 0; null where the vector was made of its n-grams.</param>
internal sealed record PhrasePart(string Word, double Weight, long? Rank);

/// <summary>How the vector of a name was found.</summary>
/// <param name="How"><c>exact giant_panda</c>, <c>alias orca</c>, <c>mean of polar, bear</c>.</param>
/// <param name="Parts">The words it was made of.</param>
internal sealed record PhraseMatch(string How, IReadOnlyList<PhrasePart> Parts);

/// <summary>
/// Finds the vector of a name: an entry for all of it in some spelling; else an alias; else a composition of its words. In a fastText model
/// what has no entry at all is made of its n-grams.
/// </summary>
internal sealed class PhraseFinder(WordVectors words, PhraseOptions options)
{
    private readonly Dictionary<string, IReadOnlyList<string>> _aliases = Table(options);

    /// <summary>Every spelling that may be looked up for these names, aliases included.</summary>
    public static HashSet<string> Spellings(IReadOnlyCollection<string> names, PhraseOptions options)
    {
        var aliases = Table(options);
        return Phrases.Spellings(names.Concat(names.SelectMany(name => aliases.GetValueOrDefault(Phrases.Key(name), []))));
    }

    /// <summary>Unit vector of a name.</summary>
    /// <param name="name">A word or a phrase.</param>
    /// <param name="unit">Receives the vector.</param>
    /// <param name="match">How it was found.</param>
    /// <param name="infer">Whether n-grams may stand in for words that are not there.</param>
    /// <returns>False where nothing was found.</returns>
    public bool TryFind(string name, Span<float> unit, out PhraseMatch match, bool infer = true)
    {
        if (TryEntry(name, unit, out match)) return true;
        foreach (var other in _aliases.GetValueOrDefault(Phrases.Key(name), []))
            if (TryEntry(other, unit, out match) || TryCompose(other, infer: false, unit, out match))
            {
                match = match with { How = match.How.StartsWith("exact ", StringComparison.Ordinal) ? $"alias {match.How["exact ".Length..]}" : $"alias {other}, {match.How}" };
                return true;
            }
        return TryCompose(name, infer: false, unit, out match) || (infer && TryCompose(name, infer: true, unit, out match));
    }

    private bool TryEntry(string name, Span<float> unit, out PhraseMatch match)
    {
        var vector = new float[words.Dimension];
        foreach (var spelled in Phrases.Whole(name))
        {
            var row = words.IndexOf(spelled);
            if (row < 0) continue;
            words.Read(row, vector);
            if (!Phrases.TryNormalize(vector, unit)) continue;
            match = new($"exact {spelled}", [new(spelled, 1, words.Rank(row))]);
            return true;
        }
        match = null!;
        return false;
    }

    private bool TryCompose(string name, bool infer, Span<float> unit, out PhraseMatch match)
    {
        match = null!;
        var parts = Phrases.Words(name);
        if (parts.Length == 0 || (parts.Length == 1 && !infer)) return false;
        var (units, found) = (new float[parts.Length][], new (string Word, int Row)[parts.Length]);
        for (var i = 0; i < parts.Length; i++)
        {
            units[i] = new float[words.Dimension];
            found[i] = Phrases.Part(parts[i]).Select(word => (word, words.IndexOf(word))).FirstOrDefault(pair => pair.Item2 >= 0, (parts[i], -1));
            if (found[i].Row >= 0) words.Read(found[i].Row, units[i]);
            else if (!infer || !words.TryInfer(parts[i], units[i])) return false;
            if (!Phrases.TryNormalize(units[i], units[i])) return false;
        }
        var weights = Weights([.. found.Select(pair => pair.Row)]);
        var sum = new float[words.Dimension];
        for (var i = 0; i < parts.Length; i++) TensorPrimitives.MultiplyAdd(units[i], (float)weights[i], sum, sum);
        match = new(How(found, weights), [.. found.Zip(weights, (pair, weight) => new PhrasePart(pair.Word, weight, pair.Row >= 0 ? words.Rank(pair.Row) : null))]);
        return Phrases.TryNormalize(sum, unit);
    }

    /// <summary>Shares of the words, of which row −1 was made of n-grams and counts as never seen.</summary>
    private double[] Weights(int[] rows)
    {
        double[] weights = options.Composition switch
        {
            PhraseComposition.Sif => [.. rows.Select(row => options.SifWeight / (options.SifWeight + (row >= 0 ? words.Frequency(row) : 0)))],
            PhraseComposition.Head when rows.Length > 1 => [.. rows.Select((_, i) => i == rows.Length - 1 ? options.HeadWeight : (1 - options.HeadWeight) / (rows.Length - 1))],
            _ => [.. rows.Select(_ => 1.0)],
        };
        var sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    private string How((string Word, int Row)[] found, double[] weights)
    {
        string Name((string Word, int Row) pair) => pair.Row >= 0 ? pair.Word : $"n-grams of {pair.Word}";
        return found.Length == 1 ? Name(found[0])
            : options.Composition == PhraseComposition.Mean ? $"mean of {string.Join(", ", found.Select(Name))}"
            : $"{options.Composition.ToString().ToLowerInvariant()} of {string.Join(", ", found.Zip(weights, (pair, weight) => string.Create(CultureInfo.InvariantCulture, $"{Name(pair)} {weight:0.00}")))}";
    }

    private static Dictionary<string, IReadOnlyList<string>> Table(PhraseOptions options)
    {
        var table = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (name, others) in options.Aliases) table[Phrases.Key(name)] = others;
        if (!options.Awa2Aliases) return table;
        foreach (var (name, others) in PhraseAliases.Awa2) table[name] = [.. table.GetValueOrDefault(name, []), .. others];
        return table;
    }
}

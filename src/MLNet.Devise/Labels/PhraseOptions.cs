namespace MLNet.Devise.Labels;

/// <summary>How the vector of a phrase is made of those of its words.</summary>
public enum PhraseComposition
{
    /// <summary>All words count alike.</summary>
    Mean,
    /// <summary>
    /// A word of frequency p counts a / (a + p): common ones less (smooth inverse frequency, Arora et al. 2017, <i>A Simple but Tough-to-Beat
    /// Baseline for Sentence Embeddings</i>). Their second step, the common component taken off, is what <see cref="LabelTransform"/> does.
    /// </summary>
    Sif,
    /// <summary>The last word counts most: an English compound is a kind of what its last word names.</summary>
    Head,
}

/// <summary>How the vectors of labels are found in a word-vector file.</summary>
public sealed record PhraseOptions
{
    /// <summary>For phrases that have no entry of their own.</summary>
    public PhraseComposition Composition { get; init; } = PhraseComposition.Mean;

    /// <summary>a of <see cref="PhraseComposition.Sif"/>, 1e-6..1; the paper takes 1e-3 to 1e-4.</summary>
    public double SifWeight { get; init; } = 1e-3;

    /// <summary>Share of the last word in <see cref="PhraseComposition.Head"/>, 0..1; the others share the rest.</summary>
    public double HeadWeight { get; init; } = 0.7;

    /// <summary>
    /// What to look up for a name that has no entry of its own, in order of preference: <c>killer+whale</c> → <c>orca</c>. How a name's words
    /// are joined and its capitals make no difference.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Aliases { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Whether other names of AWA2's animals (<see cref="PhraseAliases.Awa2"/>) are tried after <see cref="Aliases"/>.</summary>
    public bool Awa2Aliases { get; init; } = true;

    /// <exception cref="DeviseInputException">A value is out of range.</exception>
    internal void Validate()
    {
        if (!Enum.IsDefined(Composition)) throw new DeviseInputException($"phrases.composition: {Composition}, expected mean, sif or head");
        if (!(SifWeight is >= 1e-6 and <= 1)) throw new DeviseInputException($"phrases.sifWeight: {SifWeight}, expected 1e-6..1");
        if (!(HeadWeight is >= 0 and <= 1)) throw new DeviseInputException($"phrases.headWeight: {HeadWeight}, expected 0..1");
        foreach (var (name, others) in Aliases)
            if (Phrases.Words(name).Length == 0 || others is null || others.Count == 0 || others.Any(other => other is null || Phrases.Words(other).Length == 0))
                throw new DeviseInputException($"phrases.aliases: '{name}', expected a name and at least one other name for it");
    }
}

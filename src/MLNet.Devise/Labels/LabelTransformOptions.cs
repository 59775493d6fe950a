namespace MLNet.Devise.Labels;

/// <summary>What is done to word vectors before images are drawn towards them.</summary>
public enum LabelTransformKind
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>Their mean is taken off: word vectors share a large common part that says nothing.</summary>
    Centre,
    /// <summary>Mean and strongest principal components are taken off (Mu and Viswanath 2018, <i>All-but-the-Top</i>, arXiv:1702.01417).</summary>
    AllButTheTop,
    /// <summary>Mean off, and every principal component scaled towards the same variance.</summary>
    Whiten,
}

/// <summary>Choice of the transform of label vectors.</summary>
public sealed record LabelTransformOptions
{
    /// <summary>Which.</summary>
    public LabelTransformKind Kind { get; init; } = LabelTransformKind.None;

    /// <summary>Components taken off by <see cref="LabelTransformKind.AllButTheTop"/>, 1..50.</summary>
    public int Components { get; init; } = 3;

    /// <summary>How far <see cref="LabelTransformKind.Whiten"/> goes: a component of variance λ is divided by λ^(strength/2); 1 is whole, 0 only centres.</summary>
    public double Strength { get; init; } = 1;

    /// <summary>
    /// Mean and components are those of the vector file's first so many words, 100..1,000,000 (fewer where it has fewer); 0 takes those of the
    /// labels that are trained on.
    /// </summary>
    public int Words { get; init; } = 20_000;

    /// <exception cref="DeviseInputException">A value is out of range.</exception>
    internal void Validate()
    {
        if (!Enum.IsDefined(Kind)) throw new DeviseInputException($"labelTransform.kind: {Kind}, expected none, centre, allButTheTop or whiten");
        if (Components is < 1 or > 50) throw new DeviseInputException($"labelTransform.components: {Components}, expected 1..50");
        if (!(Strength is >= 0 and <= 1)) throw new DeviseInputException($"labelTransform.strength: {Strength}, expected 0..1");
        if (Words is not (0 or >= 100 and <= 1_000_000)) throw new DeviseInputException($"labelTransform.words: {Words}, expected 100..1000000, or 0 for the seen labels");
    }
}

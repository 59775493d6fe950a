namespace MLNet.Devise.Data.Sample;

/// <summary>A class of the sample: a colour word and a shape word.</summary>
internal sealed record SampleClass(SampleColour Colour, SampleShape Shape)
{
    public string Name => $"{Colour.Word}+{Shape.Word}";
}

/// <summary>Every colour with every shape, and the choice of those that training never sees.</summary>
internal static class SampleClasses
{
    /// <summary>Two of each colour: one more and some colour or shape would be held out three times.</summary>
    public const int MostHeldOut = 16;

    public static IReadOnlyList<SampleClass> All { get; } =
        [.. from colour in SampleColour.All from shape in SampleShape.All select new SampleClass(colour, shape)];

    /// <summary>
    /// The held-out classes in the order of <see cref="All"/>. Two shuffled lists are walked in step; their lengths (8 and 9) have
    /// no common factor, so that no pair comes twice and every colour and shape is held out as often as the others, give or take one.
    /// </summary>
    public static IReadOnlyList<SampleClass> HeldOut(DrawnSampleOptions options)
    {
        var random = new Random(StableHash.Seed(options.Seed, "held-out classes"));
        var colours = SampleColour.All.ToArray();
        var shapes = SampleShape.All.ToArray();
        random.Shuffle(colours);
        random.Shuffle(shapes);
        var held = Enumerable.Range(0, options.HeldOut).Select(i => new SampleClass(colours[i % colours.Length], shapes[i % shapes.Length])).ToHashSet();
        return [.. All.Where(held.Contains)];
    }
}

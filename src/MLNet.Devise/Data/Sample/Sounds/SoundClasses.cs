namespace MLNet.Devise.Data.Sample;

/// <summary>What a sound does.</summary>
internal enum SoundMotion { Rising, Falling, Level, Wavering, Fast, Slow }

/// <summary>What it is made of.</summary>
internal enum SoundTimbre { Tone, Bell, Buzz, Noise, Clicks }

/// <summary>A class of the sound sample: a motion word and a timbre word.</summary>
internal sealed record SoundClass(SoundMotion Motion, SoundTimbre Timbre)
{
    public string Name => $"{Motion}+{Timbre}".ToLowerInvariant();
}

/// <summary>Every motion with every timbre, and the choice of those that training never sees.</summary>
internal static class SoundClasses
{
    /// <summary>Two of each timbre: one more and some timbre would be held out three times.</summary>
    public const int MostHeldOut = 10;

    /// <summary>Words of the labels, and some to distract; those joined by a slash are near each other.</summary>
    public static readonly (string Family, string[] Words)[] Families =
    [
        ("motion", ["rising/climbing", "falling/sinking", "level/steady", "wavering/trembling", "fast/quick", "slow"]),
        ("timbre", ["tone/note", "bell/chime", "buzz/hum", "noise/hiss", "clicks/ticks"]),
        ("thing", ["apple/banana", "river", "horse/dog", "lamp", "bridge", "window"]),
    ];

    public static IReadOnlyList<SoundClass> All { get; } =
        [.. from motion in Enum.GetValues<SoundMotion>() from timbre in Enum.GetValues<SoundTimbre>() select new SoundClass(motion, timbre)];

    /// <summary>The held-out classes in the order of <see cref="All"/>, as <see cref="SampleClasses.HeldOut"/> chooses them: 6 and 5 have no common factor.</summary>
    public static IReadOnlyList<SoundClass> HeldOut(SoundSampleOptions options)
    {
        var random = new Random(StableHash.Seed(options.Seed, "held-out sound classes"));
        var (motions, timbres) = (Enum.GetValues<SoundMotion>(), Enum.GetValues<SoundTimbre>());
        random.Shuffle(motions);
        random.Shuffle(timbres);
        var held = Enumerable.Range(0, options.HeldOut).Select(i => new SoundClass(motions[i % motions.Length], timbres[i % timbres.Length])).ToHashSet();
        return [.. All.Where(held.Contains)];
    }
}

namespace MLNet.Devise.Audio;

/// <summary>How a sound becomes a picture: time from left to right, pitch from bottom to top, loudness as brightness.</summary>
public sealed record SpectrogramOptions
{
    /// <summary>Side of the picture in pixels: as many points in time as bands of pitch; 32 to 512.</summary>
    public int Size { get; init; } = 64;

    /// <summary>Seconds shown, from the sound's beginning; a shorter sound is followed by silence, the rest of a longer one is left out. 0.1 to 60.</summary>
    public double Seconds { get; init; } = 1;

    /// <summary>Lower end of the lowest band, hertz; at least 1.</summary>
    public double LowestHertz { get; init; } = 60;

    /// <summary>Upper end of the highest band, hertz; up to 24,000. Bands above half a file's sampling rate are silent.</summary>
    public double HighestHertz { get; init; } = 7600;

    /// <summary>Milliseconds that one point in time looks at, 5 to 200: longer tells pitches apart better, and moments worse.</summary>
    public double WindowMilliseconds { get; init; } = 32;

    /// <summary>Decibels from the loudest point (white) down to black, 20 to 120.</summary>
    public double Decibels { get; init; } = 60;

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="DeviseInputException">A value is out of its range.</exception>
    public void Validate()
    {
        Check("size", Size, 32, 512);
        Check("seconds", Seconds, 0.1, 60);
        Check("highestHertz", HighestHertz, 2, 24_000);
        Check("lowestHertz", LowestHertz, 1, HighestHertz / 2);
        Check("windowMilliseconds", WindowMilliseconds, 5, Math.Min(200, 500 * Seconds));
        Check("decibels", Decibels, 20, 120);
    }

    private static void Check(string name, double value, double least, double most)
    {
        if (!(value >= least && value <= most)) throw new DeviseInputException(FormattableString.Invariant($"{name}: {value}, expected {least} to {most}"));
    }
}

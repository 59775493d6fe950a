using MLNet.Devise.Audio;

namespace MLNet.Devise.Data.Sample;

/// <summary>How much of the sound sample is made, and from which seed.</summary>
public sealed record SoundSampleOptions
{
    /// <summary>Seed of the sounds, of the word vectors and of the choice of unseen classes.</summary>
    public long Seed { get; init; }

    /// <summary>Sounds of each of the 30 classes, 1 to 10,000. A larger number adds sounds and leaves the others as they are.</summary>
    public int SoundsPerClass { get; init; } = 60;

    /// <summary>Combinations of motion and timbre held out for zero-shot, 0 to 10: no motion and no timbre is in more than two of them.</summary>
    public int HeldOut { get; init; } = 5;

    /// <summary>How the sounds, which last a second, are drawn.</summary>
    public SpectrogramOptions Spectrogram { get; init; } = new();

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="DeviseInputException">A value is out of its range.</exception>
    public void Validate()
    {
        if (SoundsPerClass is < 1 or > 10_000) throw new DeviseInputException($"soundsPerClass: {SoundsPerClass}, expected 1 to 10000");
        if (HeldOut is < 0 or > SoundClasses.MostHeldOut) throw new DeviseInputException($"heldOut: {HeldOut}, expected 0 to {SoundClasses.MostHeldOut}");
        Spectrogram.Validate();
    }
}

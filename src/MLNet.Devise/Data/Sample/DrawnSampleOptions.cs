namespace MLNet.Devise.Data.Sample;

/// <summary>How much of the drawn sample is drawn, and from which seed.</summary>
public sealed record DrawnSampleOptions
{
    /// <summary>Seed of the pictures, of the word vectors and of the choice of unseen classes.</summary>
    public long Seed { get; init; }

    /// <summary>Pictures of each class, 1 to 10,000. A larger number adds pictures and leaves the others as they are.</summary>
    public int ImagesPerClass { get; init; } = 60;

    /// <summary>Width and height of a picture in pixels, 32 to 512.</summary>
    public int Size { get; init; } = 64;

    /// <summary>Combinations of colour and shape held out for zero-shot, 0 to 16: no colour and no shape is in more than two of them.</summary>
    public int HeldOut { get; init; } = 9;

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="DeviseInputException">A value is out of its range.</exception>
    public void Validate()
    {
        Check("imagesPerClass", ImagesPerClass, 1, 10_000);
        Check("size", Size, 32, 512);
        Check("heldOut", HeldOut, 0, SampleClasses.MostHeldOut);
    }

    private static void Check(string name, int value, int least, int most)
    {
        if (value < least || value > most) throw new DeviseInputException($"{name}: {value}, expected {least} to {most}");
    }
}

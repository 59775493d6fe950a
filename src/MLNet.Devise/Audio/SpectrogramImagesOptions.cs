using MLNet.Devise.Scoring;

namespace MLNet.Devise.Audio;

/// <summary>What <c>SpectrogramImages</c> reads, how it draws, and what it calls its columns.</summary>
public sealed record SpectrogramImagesOptions
{
    /// <summary>Text column of paths of WAV files.</summary>
    public string PathColumnName { get; init; } = Columns.Path;

    /// <summary>Image column added; null where the file is not a readable sound.</summary>
    public string ImageColumnName { get; init; } = Columns.Photo;

    /// <summary>Text column added: <c>ok missing corrupt unsupported</c>. Not <c>Status</c>, which <c>EmbedImages</c> adds after it.</summary>
    public string StatusColumnName { get; init; } = "SoundStatus";

    /// <summary>Text column added: why the status is not <c>ok</c>.</summary>
    public string ErrorColumnName { get; init; } = "SoundError";

    /// <summary>Folder that relative paths start from; a path that leads outside it is <c>missing</c>. <see langword="null"/>: paths may lead anywhere.</summary>
    public string? Folder { get; init; }

    /// <summary>How a sound is drawn: as for training.</summary>
    public SpectrogramOptions Spectrogram { get; init; } = new();

    internal SpectrogramImagesOptions Validated()
    {
        ColumnNames.Check([PathColumnName], [ImageColumnName, StatusColumnName, ErrorColumnName]);
        Spectrogram.Validate();
        return this;
    }
}

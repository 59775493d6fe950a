namespace MLNet.Devise.Scoring;

/// <summary>What <c>LoadPhotos</c> reads and what it calls its columns.</summary>
public sealed record LoadPhotosOptions
{
    /// <summary>Text column of file paths.</summary>
    public string PathColumnName { get; init; } = Columns.Path;

    /// <summary>Image column added; null where the file is not a readable image.</summary>
    public string ImageColumnName { get; init; } = Columns.Photo;

    /// <summary>Text column added: <c>ok missing corrupt too-large unsupported</c>.</summary>
    public string StatusColumnName { get; init; } = Columns.Status;

    /// <summary>Text column added: why the status is not <c>ok</c>.</summary>
    public string ErrorColumnName { get; init; } = Columns.Error;

    /// <summary>
    /// Folder that relative paths start from; a path that leads outside it is <c>missing</c>. <see langword="null"/>: paths start
    /// from the current folder and may lead anywhere.
    /// </summary>
    public string? Folder { get; init; }

    internal LoadPhotosOptions Validated()
    {
        ColumnNames.Check([PathColumnName], [ImageColumnName, StatusColumnName, ErrorColumnName]);
        if (Folder is not null && !Directory.Exists(Folder)) throw new DeviseInputException($"{Folder}: no such folder of images");
        return this;
    }
}

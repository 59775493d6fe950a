namespace MLNet.Devise.Scoring;

/// <summary>What <c>LoadPhotos</c> reads and what it calls its columns.</summary>
public sealed record LoadPhotosOptions
{
    /// <summary>Text column of file paths.</summary>
    public string PathColumnName { get; init; } = Columns.Path;

    /// <summary>Image column added: the photo, or its square where <see cref="Side"/> is set; null where the file is not a readable image.</summary>
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

    /// <summary>
    /// Side, in pixels, of the square that a photo becomes: short side scaled to it, centre cut out, as the network was trained.
    /// <see langword="null"/>: the whole photo.
    /// </summary>
    public int? Side { get; init; }

    /// <summary>How photos are scaled to that square; saved, the chain always scales as <see cref="ImageScaling.Stock"/>.</summary>
    public ImageScaling Scaling { get; init; } = ImageScaling.Stock;

    internal LoadPhotosOptions Validated()
    {
        ColumnNames.Check([PathColumnName], [ImageColumnName, StatusColumnName, ErrorColumnName]);
        if (Side is < 1 or > 4096) throw new DeviseInputException($"side: {Side}, expected 1 to 4096 pixels");
        if (!Enum.IsDefined(Scaling)) throw new DeviseInputException($"scaling: {Scaling}, expected {ImageScaling.Stock} or {ImageScaling.Antialiased}");
        return this;
    }
}

namespace MLNet.Devise.Reports.Notebooks;

/// <summary>A photo in a gallery.</summary>
/// <param name="Path">Its file; one that cannot be read is shown as a gap.</param>
/// <param name="Caption">What stands below it.</param>
/// <param name="Right">Whether it is what was asked for, which a sign and a frame say; null where nothing was asked.</param>
public sealed record Picture(string Path, string Caption, bool? Right = null);

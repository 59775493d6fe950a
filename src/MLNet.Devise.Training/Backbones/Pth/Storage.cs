namespace MLNet.Devise.Training.Backbones.Pth;

/// <summary>A run of numbers in a .pth file, of which tensors are views.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Format">How its numbers are stored.</param>
/// <param name="Count">How many.</param>
internal sealed record Storage(string Key, NumberFormat Format, long Count)
{
    public long Bytes => Count * Format.Width;
}

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>A component of a picture, luminance or one of the two of colour.</summary>
/// <param name="Id">Its number in the file.</param>
/// <param name="Across">Blocks side by side in a unit of the scan: 1, or 2 where colour has half the columns.</param>
/// <param name="Down">Blocks below each other in a unit.</param>
internal sealed record JpegComponent(int Id, int Across, int Down)
{
    /// <summary>What each coefficient is multiplied by, for a pair of blocks (see <see cref="InverseTransform"/>).</summary>
    public required short[] Quantization { get; init; }

    /// <summary>The code of the first coefficients of the blocks.</summary>
    public required HuffmanTable First { get; init; }

    /// <summary>The code of the others.</summary>
    public required HuffmanTable Others { get; init; }
}

using Microsoft.ML.Data;

namespace MLNet.Devise.Scoring.Engine;

/// <summary>One image to embed: a path, a file's bytes, or an image in memory.</summary>
/// <param name="Path">The path, as the row has it.</param>
/// <param name="Bytes">The bytes of an image file.</param>
/// <param name="Image">A decoded image, which stays its maker's.</param>
internal readonly record struct ImageSource(string? Path = null, ReadOnlyMemory<byte>? Bytes = null, MLImage? Image = null)
{
    /// <summary>What messages call it.</summary>
    public override string ToString() => Path is not null ? $"'{Path}'" : Bytes is { } bytes ? $"an image of {bytes.Length} bytes" : "an image in memory";
}

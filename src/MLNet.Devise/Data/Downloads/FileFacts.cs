namespace MLNet.Devise.Data.Downloads;

/// <summary>What is known of a file before it is fetched.</summary>
/// <param name="Sha256">Its SHA-256 or the first digits of it, lower-case hexadecimal; null where nobody has published it.</param>
/// <param name="Bytes">Its size; null where that is not known.</param>
internal sealed record FileFacts(string? Sha256 = null, long? Bytes = null)
{
    private const string Recorded = ".sha256";

    /// <summary>What does not fit, in words; null where all does.</summary>
    public string? Mismatch(long bytes, string sha256) =>
        Sha256 is not null && !sha256.StartsWith(Sha256, StringComparison.Ordinal) ? $"SHA-256 {sha256}, expected {Sha256}"
        : Bytes is { } expected && bytes != expected ? $"{bytes:N0} bytes, expected {expected:N0}" : null;

    /// <summary>The same with the checksum that was recorded beside a file when it came, where no other is known.</summary>
    public FileFacts With(string path)
    {
        var beside = path + Recorded;
        return Sha256 is null && File.Exists(beside) && File.ReadAllText(beside).Split(' ')[0] is { Length: 64 } sha256 ? this with { Sha256 = sha256 } : this;
    }

    /// <summary>Records the checksum of a file that has come, as <c>sha256sum</c> writes it, where no other is known: a later change is then found.</summary>
    public void Record(string path, string sha256)
    {
        if (Sha256 is null) WholeFile.WriteText(path + Recorded, $"{sha256}  {Path.GetFileName(path)}\n");
    }
}

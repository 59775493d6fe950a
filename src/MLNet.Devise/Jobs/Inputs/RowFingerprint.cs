using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace MLNet.Devise.Jobs.Inputs;

/// <summary>
/// A hash over inputs in their order: paths and kept values, XXH3 of 128 bits. The same rows read back from a score file have the same
/// fingerprint, so a job can prove that it lost none, added none and kept their order.
/// </summary>
internal sealed class RowFingerprint
{
    private readonly XxHash128 _hash = new();

    /// <summary>Rows so far.</summary>
    public long Rows { get; private set; }

    /// <summary>The hash so far, hexadecimal.</summary>
    public string Value => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>The fingerprint of all inputs.</summary>
    public static RowFingerprint Of(ImageInputs inputs, CancellationToken cancellation)
    {
        var fingerprint = new RowFingerprint();
        foreach (var row in inputs.Rows())
        {
            if ((fingerprint.Rows & 1023) == 0) cancellation.ThrowIfCancellationRequested();
            fingerprint.Add(row.Path, row.Kept);
        }
        return fingerprint.Rows > 0 ? fingerprint : throw inputs.Empty();
    }

    public void Add(string path, object?[] kept)
    {
        Rows++;
        Add(path);
        foreach (var value in kept) Add(Text(value));
    }

    // As UTF-8, for what is no valid UTF-16 cannot be written to a file either, and the length first, so that "a","b" differs from "ab","".
    private void Add(string? text)
    {
        Span<byte> length = stackalloc byte[4];
        var bytes = text is null ? [] : Encoding.UTF8.GetBytes(text);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(length, text is null ? -1 : bytes.Length);
        _hash.Append(length);
        _hash.Append(bytes);
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        DateTime time => time.Ticks.ToString(CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}

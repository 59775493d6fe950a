using System.Security.Cryptography;

namespace MLNet.Devise.Data.Downloads;

/// <summary>SHA-256 as lower-case hexadecimal digits.</summary>
internal static class FileChecksum
{
    public static string Of(string path)
    {
        using var stream = File.OpenRead(path);
        return Of(stream);
    }

    public static string Of(Stream stream)
    {
        stream.Position = 0;
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}

using System.Text;

namespace MLNet.Devise.Benchmarks;

/// <summary>A word-vector file of made-up words with the look of fastText's wiki-news: a header, four decimals a value, frequent words short.</summary>
internal static class DrawnVectors
{
    private const string Letters = "etaoinshrdlcumwfgypbvkjxqz";

    public static void Write(string path, int words, int dimension)
    {
        const int Piece = 2000;
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        stream.Write(Encoding.ASCII.GetBytes($"{words} {dimension}\n"));
        foreach (var bytes in Enumerable.Range(0, (words + Piece - 1) / Piece).AsParallel().AsOrdered().Select(piece => Rows(piece * Piece, Math.Min(words, (piece + 1) * Piece), dimension))) stream.Write(bytes);
    }

    private static byte[] Rows(int first, int end, int dimension)
    {
        var (random, bytes) = (new Random(first), new List<byte>((end - first) * dimension * 8));
        for (var word = first; word < end; word++)
        {
            for (var rest = word + 1; rest > 0; rest /= Letters.Length) bytes.Add((byte)Letters[rest % Letters.Length]);
            for (var i = 0; i < dimension; i++)
            {
                // The sum of four is near enough to a normal distribution.
                var value = random.Next(-700, 700) + random.Next(-700, 700) + random.Next(-700, 700) + random.Next(-700, 700);
                bytes.Add((byte)' ');
                if (value < 0) bytes.Add((byte)'-');
                value = Math.Abs(value);
                bytes.AddRange((ReadOnlySpan<byte>)[(byte)'0', (byte)'.', (byte)('0' + value / 1000 % 10), (byte)('0' + value / 100 % 10), (byte)('0' + value / 10 % 10), (byte)('0' + value % 10)]);
            }
            bytes.Add((byte)'\n');
        }
        return [.. bytes];
    }
}

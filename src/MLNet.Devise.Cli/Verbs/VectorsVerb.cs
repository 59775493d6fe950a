using System.CommandLine;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Labels;
using MLNet.Devise.Labels.Cache;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise vectors</c>: looks into word-vector files, and makes caches of them.</summary>
internal static class VectorsVerb
{
    /// <summary>What every verb that takes word vectors says of them.</summary>
    public const string Kinds = "fastText .vec, GloVe .txt, word2vec .bin, fastText .bin, or a cache of 'devise vectors import'; gzip'd or in a zip archive (a.zip/b.vec) too";

    public static Command Create() => new("vectors", "Look into word vectors, make caches of them.") { Info(), VectorsNearestVerb.Create(), VectorsExplainVerb.Create(), VectorsImportVerb.Create(), Verify() };

    public static Argument<string> File() => new("FILE") { Description = $"Word vectors: {Kinds}." };

    /// <summary>Opens word vectors; a file that is read into memory shows how far it is, and can be stopped.</summary>
    public static WordVectors Open(string path, Session session) => ProgressView.Run(session, TimeSpan.FromSeconds(5),
        view => WordVectors.OpenWatched(path, null, (rows, all) => view.Show("reading", rows, all, () => $"{rows:N0} words"), session.Cancellation));

    private static Command Info()
    {
        var file = File();
        return new Command("info", "Count and check every row of a word-vector file.") { file }.Does((parsed, session) =>
        {
            var path = parsed.GetValue(file)!;
            using var reader = VectorReader.Open(path, cancellation: session.Cancellation);
            var (shortest, longest, words, first) = (double.MaxValue, 0.0, 0L, new List<string>());
            while (reader.TryRead(out var batch))
            {
                session.Cancellation.ThrowIfCancellationRequested();
                words += batch.Count;
                for (var i = 0; i < batch.Count; i++)
                {
                    var length = Length(batch.Vector(i));
                    (shortest, longest) = (Math.Min(shortest, length), Math.Max(longest, length));
                    if (first.Count < 5) first.Add(batch.Word(i));
                }
            }
            session.Answer(new { file = path, format = reader.Shape.Name, words, dimension = reader.Dimension, shortest, longest, first, badRows = reader.Problems.Bad, remarks = reader.Problems.Remarks }, text =>
            {
                text.WriteLine($"{path}: {words:N0} words of {reader.Dimension} values, {reader.Shape.Name}; lengths {shortest:F3} to {longest:F3}; starts with {string.Join(", ", first)}");
                if (reader.Problems.Bad > 0) text.WriteLine($"{reader.Problems.Bad:N0} rows cannot be read:");
                foreach (var remark in reader.Problems.Remarks) text.WriteLine($"  {remark}");
            });
        });
    }

    // In double precision, in which no finite row is too long for a number.
    private static double Length(ReadOnlySpan<float> row)
    {
        var sum = 0.0;
        foreach (var value in row) sum += (double)value * value;
        return Math.Sqrt(sum);
    }

    private static Command Verify()
    {
        var file = new Argument<string>("CACHE") { Description = "A cache made by 'devise vectors import'." };
        return new Command("verify", "Check every row of a cache against its checksums.") { file }.Does((parsed, session) =>
        {
            var path = parsed.GetValue(file)!;
            var found = VectorFile.Find(path);
            if (FormatSniffer.Sniff(found).Format != VectorFormat.Cache) throw new DeviseInputException($"{path}: not a cache, expected a file made by 'devise vectors import'; 'devise vectors info' checks files of other kinds");
            using var cache = VectorCache.Open(found);
            cache.Verify(session.Cancellation);
            session.Answer(new { file = path, words = cache.Count, dimension = cache.Dimension, precision = cache.Precision.ToString().ToLowerInvariant(), source = cache.Note },
                text => text.WriteLine($"{path}: {cache.Count:N0} words of {cache.Dimension} values ({cache.Precision.ToString().ToLowerInvariant()}), made from {cache.Note}; every byte is as it was written"));
        });
    }
}

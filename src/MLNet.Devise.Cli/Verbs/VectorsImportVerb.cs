using System.CommandLine;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Labels.Cache;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise vectors import</c>: a file of any kind → a cache that opens in milliseconds.</summary>
internal static class VectorsImportVerb
{
    public static Command Create()
    {
        var file = VectorsVerb.File();
        var output = new Option<string>("--out") { Description = "The cache.", Required = true };
        var list = new Option<string?>("--words") { Description = "Class list: keep only what its names may be made of." };
        var precision = new Option<CachePrecision>("--precision") { Description = "fp32 (as the file has it) or int8 (a quarter of the size, cosines change by some 0.001).", DefaultValueFactory = _ => CachePrecision.Fp32 };
        return new Command("import", "Make a cache of word vectors that opens in milliseconds and serves wherever they do.") { file, output, list, precision, PhraseOption.Aliases }.Does((parsed, session) =>
        {
            var (path, target) = (parsed.GetValue(file)!, parsed.GetValue(output)!);
            WholeFile.CheckWritable(target);
            if (((string?[])[path, parsed.GetValue(list), parsed.GetValue(PhraseOption.Aliases)]).FirstOrDefault(source => source is not null && IsOrHolds(target, source)) is { } source)
                throw new DeviseInputException($"--out: {target} is what {source} is read from, expected another file");
            var wanted = parsed.GetValue(list) is { } names ? PhraseFinder.Spellings(ClassList.Read(names), PhraseOption.Read(parsed)) : null;
            using var reader = VectorReader.Open(path, wanted is null ? null : wanted.Contains, cancellation: session.Cancellation);
            var words = ProgressView.Run(session, TimeSpan.FromSeconds(5), view => CacheWriter.Write(reader, target, parsed.GetValue(precision),
                rows => view.Show("import", rows, reader.Shape.Count, () => $"{rows:N0} words"), session.Cancellation));
            session.SayAll(reader.Problems.Remarks, "remarks on the vectors");
            var bytes = new FileInfo(target).Length;
            session.Answer(new { file = target, words, dimension = reader.Dimension, bytes, badRows = reader.Problems.Bad, duplicates = reader.Problems.Duplicates, remarks = reader.Problems.Remarks },
                text => text.WriteLine($"{target}: {words:N0} words of {reader.Dimension} values, {bytes / 1e6:F1} MB{(reader.Problems.Bad + reader.Problems.Duplicates is > 0 and var left ? $"; {left:N0} of {reader.Rows:N0} rows left out" : "")}"));
        });
    }

    /// <summary>Whether a file is another, or the archive that has it.</summary>
    private static bool IsOrHolds(string target, string source)
    {
        var (archive, file) = (WholeFile.Target(target), WholeFile.Target(source));
        return System.IO.File.Exists(archive) && (file == archive || file.StartsWith(archive + Path.DirectorySeparatorChar, StringComparison.Ordinal));
    }
}

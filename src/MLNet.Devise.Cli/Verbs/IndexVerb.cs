using System.CommandLine;
using MLNet.Devise.Search;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise index</c>: a file to search in, made of images.</summary>
internal static class IndexVerb
{
    public static Command Create() => new("index", "Make images searchable by text and by image.")
    {
        IndexBuildVerb.Create(), IndexChangeVerbs.Add(), IndexChangeVerbs.Remove(), IndexChangeVerbs.Rebuild(), IndexPushVerb.Create(), Info(), Verify(),
    };

    /// <summary>What an index is, for people and for programs.</summary>
    public static void Answer(Session session, VectorIndex index, string path, object? more = null, string? remark = null)
    {
        var (options, graph, bytes) = (index.Options, index.Options.Kind == VectorIndexKind.Hnsw, new FileInfo(path).Length);
        session.Answer(new
        {
            index = path, vectors = index.Count, dimension = index.Dimension, removed = index.Removed, kind = options.Kind.ToString().ToLowerInvariant(), storage = options.Storage.ToString().ToLowerInvariant(),
            m = graph ? options.M : (int?)null, efConstruction = graph ? options.EfConstruction : (int?)null, ef = graph ? options.Ef : (int?)null, bytes,
            bundle = index.Model?.Bundle, modelSha256 = index.Model?.Sha256, labels = index.Model?.Labels.Names.Count, more,
        }, text =>
        {
            text.WriteLine(FormattableString.Invariant($"{path}: {index.Count} vectors of {index.Dimension} values, {(graph ? $"graph (M {options.M}, efConstruction {options.EfConstruction}, ef {options.Ef})" : "compared one by one")}, {options.Storage.ToString().ToLowerInvariant()}, {bytes / 1e6:F1} MB"));
            if (remark is not null) text.WriteLine(remark);
            if (index.Model is { } model) text.WriteLine($"made by {model.Bundle}, {model.Labels.Names.Count} labels");
            if (index.Removed > 0) text.WriteLine(FormattableString.Invariant($"{index.Removed} removed or replaced vectors still take room{(index.RebuildAdvised ? "; 'devise index rebuild' makes searches faster" : "")}"));
        });
    }

    private static Command Info()
    {
        var file = new Argument<string>("INDEX") { Description = "An index." };
        return new Command("info", "What an index holds and how it was built.") { file }.Does((parsed, session) =>
        {
            using var index = VectorIndex.Open(parsed.GetValue(file)!);
            Answer(session, index, parsed.GetValue(file)!);
        });
    }

    private static Command Verify()
    {
        var file = new Argument<string>("INDEX") { Description = "An index." };
        return new Command("verify", "Compare every byte of an index with its checksums.") { file }.Does((parsed, session) =>
        {
            using var index = VectorIndex.Open(parsed.GetValue(file)!, new() { Verify = true });
            Answer(session, index, parsed.GetValue(file)!, new { verified = true }, "every section matches its checksum");
        });
    }
}

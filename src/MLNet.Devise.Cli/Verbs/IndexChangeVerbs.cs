using System.CommandLine;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Search;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise index add</c>, <c>remove</c>, <c>rebuild</c>: the file is replaced as a whole, or stays.</summary>
internal static class IndexChangeVerbs
{
    private const int AddedAtOnce = 256;

    public static Command Add()
    {
        var source = new IndexImages();
        var file = new Argument<string>("INDEX") { Description = "An index." };
        var bundle = new Option<string?>("--bundle") { Description = "The bundle that made the index (default: the one it names)." };
        var command = new Command("add", "Add images; one whose path is there already takes the place of the older.") { file, bundle };
        foreach (var option in source.All) command.Options.Add(option);
        return command.Does((parsed, session) =>
        {
            var path = parsed.GetValue(file)!;
            using var change = IndexChange.Begin(path);
            var index = change.Index;
            var query = new IndexQuery(index, parsed.GetValue(bundle), null);
            var maker = parsed.GetValue(bundle) is null ? VectorMaker.Of(index) : VectorMaker.Of(query.Bundle);
            var added = ProgressView.Run(session, TimeSpan.FromSeconds(10), view =>
            {
                var count = 0;
                foreach (var batch in source.Read(parsed, session, maker, () => query.Bundle, view).Chunk(AddedAtOnce))
                {
                    // The same path may be listed twice; the last counts, as in 'build'.
                    var last = batch.GroupBy(image => image.Id, StringComparer.Ordinal).Select(group => group.Last()).ToArray();
                    index.Add([.. last.Select(image => image.Id)], last.SelectMany(image => image.Vector.ToArray()).ToArray());
                    count += last.Length;
                }
                return count;
            });
            if (added == 0) throw new DeviseInputException($"none of {source.Bad.Count} images can be read: {source.Bad.FirstOrDefault() ?? "there are none"}");
            session.SayAll(source.Bad, "images that could not be read");
            index.Save(path);
            IndexVerb.Answer(session, index, path, new { added, bad = source.Bad.Count }, $"{added} added");
        });
    }

    public static Command Remove()
    {
        var file = new Argument<string>("INDEX") { Description = "An index." };
        var paths = new Argument<string[]>("PATH") { Description = "Paths as searches show them.", Arity = ArgumentArity.ZeroOrMore };
        var list = new Option<string?>("--list") { Description = "A text file of paths, one a line." };
        return new Command("remove", "Remove images.") { file, paths, list }.Does((parsed, session) =>
        {
            var path = parsed.GetValue(file)!;
            if (parsed.GetValue(list) is { } missing && !File.Exists(missing)) throw new DeviseInputException($"{missing}: no such file, expected paths, one a line");
            string[] ids = [.. parsed.GetValue(paths) ?? [], .. parsed.GetValue(list) is { } lines ? File.ReadLines(lines).Where(line => line.Length > 0) : []];
            ids = [.. ids.Distinct(StringComparer.Ordinal)];
            if (ids.Length == 0) throw new DeviseInputException("expected paths to remove, or --list FILE");
            using var change = IndexChange.Begin(path);
            var index = change.Index;
            var removed = index.Remove(ids);
            if (removed == 0) throw new DeviseInputException($"{path}: none of {ids.Length} paths is in it: {ids[0]}; it has for instance {index.Ids.FirstOrDefault() ?? "nothing"}");
            index.Save(path);
            IndexVerb.Answer(session, index, path, new { removedNow = removed, notThere = ids.Length - removed }, $"{removed} removed{(removed < ids.Length ? $", {ids.Length - removed} were not there" : "")}");
        });
    }

    public static Command Rebuild()
    {
        var file = new Argument<string>("INDEX") { Description = "An index." };
        var kind = new Option<VectorIndexKind>("--kind") { Description = "exact, hnsw, or auto by the number of vectors.", DefaultValueFactory = _ => VectorIndexKind.Auto };
        var m = new Option<int?>("--m") { Description = "hnsw: links a vector (default: as it is)." };
        var threads = new Option<int?>("--threads") { Description = "hnsw: threads that link (default: one a processor)." };
        var recall = IndexRecall.Option();
        return new Command("rebuild", "Build an index anew from its own vectors: removed ones are gone for good, and one that has grown large gets a graph.") { file, kind, m, recall, threads }.Does((parsed, session) =>
        {
            var (path, target) = (parsed.GetValue(file)!, IndexRecall.Target(parsed, recall));
            using var change = IndexChange.Begin(path);
            var index = change.Index;
            using var rebuilt = ProgressView.Run(session, TimeSpan.FromSeconds(10), view => index.Rebuild(
                index.Options with { Kind = parsed.GetValue(kind), M = parsed.GetValue(m) ?? index.Options.M, Threads = parsed.GetValue(threads) },
                linked => view.Show("linking", linked, index.Count, () => $"{linked} vectors"), session.Cancellation));
            var found = IndexRecall.Calibrate(rebuilt, target);
            rebuilt.Save(path);
            IndexVerb.Answer(session, rebuilt, path, new { recall = found.Recall, recallReached = found.Reached }, found.Remark);
        });
    }
}

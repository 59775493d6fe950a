using System.CommandLine;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Data;
using MLNet.Devise.Search;
using MLNet.Devise.Search.Files;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise index build</c>: embeds images and keeps their vectors in a file to search in.</summary>
internal static class IndexBuildVerb
{
    public static Command Create()
    {
        var source = new IndexImages();
        var bundle = new Argument<string>("BUNDLE") { Description = "Bundle made by 'devise export'." };
        var output = new Option<string>("--out") { Description = "The index file.", Required = true };
        var kind = new Option<VectorIndexKind>("--kind") { Description = $"exact, hnsw (approximate), or auto: exact up to {VectorIndexOptions.ExactUpTo} vectors.", DefaultValueFactory = _ => VectorIndexKind.Auto };
        var storage = new Option<VectorStorage>("--storage") { Description = "What searches read: int8 (codes, then the best again from floats) or fp32.", DefaultValueFactory = _ => VectorStorage.Int8 };
        var m = new Option<int>("--m") { Description = "hnsw: links a vector.", DefaultValueFactory = _ => new VectorIndexOptions().M };
        var construction = new Option<int>("--ef-construction") { Description = "hnsw: candidates looked at when a vector is linked.", DefaultValueFactory = _ => new VectorIndexOptions().EfConstruction };
        var recall = IndexRecall.Option();
        var threads = new Option<int?>("--threads") { Description = "hnsw: threads that link (default: one a processor); the index is the same for any number." };
        var command = new Command("build", "Embed images and write an index of them.") { bundle, output, kind, storage, m, construction, recall, threads };
        foreach (var option in source.All) command.Options.Add(option);
        return command.Does((parsed, session) =>
        {
            var (path, target) = (parsed.GetValue(output)!, IndexRecall.Target(parsed, recall));
            var options = new VectorIndexOptions
            {
                Kind = parsed.GetValue(kind), Storage = parsed.GetValue(storage), M = parsed.GetValue(m), EfConstruction = parsed.GetValue(construction), Threads = parsed.GetValue(threads), Seed = session.Seed ?? 0,
            };
            WholeFile.CheckWritable(path);
            if (File.Exists(path) && !IndexFile.IsIndex(path)) throw new DeviseInputException($"--out: {path} is there already and is no index, expected a new file or an older index to replace");
            using var held = IndexChange.Hold(path);
            var opened = ModelBundle.Open(parsed.GetValue(bundle)!);
            var vectors = 0;
            using var index = ProgressView.Run(session, TimeSpan.FromSeconds(10), view => VectorIndex.Create(
                source.Read(parsed, session, VectorMaker.Of(opened), () => opened, view).Select(image => (vectors++, image).image), opened.Manifest.Dimension, options,
                linked => view.Show("linking", linked, vectors, () => $"{linked} vectors"), session.Cancellation));
            if (index.Count == 0) throw new DeviseInputException($"none of {source.Bad.Count} images can be read: {source.Bad.FirstOrDefault() ?? "there are none"}");
            session.SayAll(source.Bad, "images that could not be read");
            index.Model = IndexModel.Of(opened);
            var found = IndexRecall.Calibrate(index, target);
            index.Save(path);
            IndexVerb.Answer(session, index, path, new { bad = source.Bad.Count, recall = found.Recall, recallReached = found.Reached }, found.Remark);
        });
    }
}

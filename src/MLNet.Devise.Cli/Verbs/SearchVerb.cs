using System.CommandLine;
using MLNet.Devise.Jobs;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;
using MLNet.Devise.Search;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise search</c>: text→image and image→image over a score file that has embeddings.</summary>
internal static class SearchVerb
{
    public static Command Create()
    {
        var scores = new Argument<string>("SCORES") { Description = "Scores written with --embeddings: .parquet, .csv or .jsonl." };
        var text = new Option<string?>("--text") { Description = "Words to look for." };
        var image = new Option<string?>("--image") { Description = "Image to find the like of." };
        var bundle = new Option<string?>("--bundle") { Description = "The bundle that made the scores (default: 'bundle' beside the scores)." };
        var vectors = new Option<string?>("--vectors") { Description = "Word vectors for words that are not among the bundle's labels: the file it was trained with." };
        var count = new Option<int>("-k") { Description = "How many.", DefaultValueFactory = _ => 10 };
        return new Command("search", "Find images by text or by another image.") { scores, text, image, bundle, vectors, count }.Does((parsed, session) =>
        {
            var (file, words, photo) = (parsed.GetValue(scores)!, parsed.GetValue(text), parsed.GetValue(image));
            if (words is null == photo is null) throw new DeviseInputException("search: expected either --text or --image");
            if (parsed.GetValue(count) < 1) throw new DeviseInputException($"-k: {parsed.GetValue(count)}, expected at least 1");
            using var index = ReadIndex(file);
            var folder = parsed.GetValue(bundle) ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "bundle");
            if (!Directory.Exists(folder)) throw new DeviseInputException($"{folder}: no such bundle, expected the one that made the scores; name it with --bundle");
            var opened = ModelBundle.Open(folder);
            var query = words is not null ? OfText(words, opened, parsed.GetValue(vectors)) : OfImage(photo!, opened);
            var hits = index.Search(query, parsed.GetValue(count));
            session.Answer(new { query = words ?? photo, hits = hits.Select(hit => new { path = hit.Id, cosine = hit.Cosine }) }, output =>
            {
                foreach (var hit in hits) output.WriteLine($"{hit.Cosine:F4}  {hit.Id}");
            });
        });
    }

    private static VectorIndex ReadIndex(string file)
    {
        var first = ScoreFile.Read(file).FirstOrDefault(row => row.Status == ImageStatus.Ok) ?? throw new DeviseInputException($"{file}: no image with an embedding in it");
        return VectorIndex.Create(Vectors(), first.Embedding?.Length ?? 1, new() { Kind = VectorIndexKind.Exact, Storage = VectorStorage.Fp32 });

        IEnumerable<(string, ReadOnlyMemory<float>)> Vectors() => ScoreFile.Read(file).Where(row => row.Status == ImageStatus.Ok)
            .Select(row => (row.Path, row.Embedding ?? throw new DeviseInputException($"{file}: {row.Path} has no embedding, expected scores written with --embeddings")));
    }

    private static float[] OfText(string words, ModelBundle bundle, string? vectors)
    {
        var name = Phrases.Whole(words).Select(spelled => bundle.Labels.IndexOf(spelled)).FirstOrDefault(label => label >= 0, -1);
        if (name >= 0) return bundle.Labels.Vector(name).ToArray();
        if (vectors is not null) return bundle.FindLabels([words], vectors).Vector(0).ToArray();
        var near = bundle.Labels.Names.OrderBy(label => Spelling.Distance(label.Replace('+', ' '), words, 20)).Take(3);
        throw new DeviseInputException($"--text '{words}' is not among the bundle's {bundle.Labels.Names.Count} labels (near: {string.Join(", ", near)}); for other words, name {bundle.Manifest.Vectors} with --vectors");
    }

    private static float[] OfImage(string photo, ModelBundle bundle)
    {
        using var scorer = new ImageScorer(bundle, new() { K = 1 }, workers: 1);
        var row = scorer.Score([Path.GetFullPath(photo)]).Single();
        return row.Embedding is { } embedding ? embedding.ToArray() : throw new DeviseInputException($"{photo}: {row.Status.Name()}: {row.Error}");
    }
}

using System.CommandLine;
using MLNet.Devise.Jobs;
using MLNet.Devise.Scoring;
using MLNet.Devise.Search;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise search</c>: text→image and image→image over an index, or over a score file that has embeddings.</summary>
internal static class SearchVerb
{
    public static Command Create()
    {
        var where = new Argument<string>("INDEX") { Description = "An index made by 'devise index build', or scores written with --embeddings: .parquet, .csv or .jsonl; or a store that 'devise index push' filled, which takes one of --text and --image." };
        var text = new Option<string?>("--text") { Description = "Words to look for, or a sum of them: \"horse + stripes\"." };
        var image = new Option<string?>("--image") { Description = "Image to find the like of: a file, or a path that the index has." };
        var mix = new Option<double?>("--mix") { Description = "With --text and --image: how much the words count, 0 to 1 (default .5)." };
        var ef = new Option<int?>("--ef") { Description = "Candidates of an approximate search: more is slower and finds more (default: the index's)." };
        var least = new Option<double?>("--min") { Description = "Only what has at least this cosine, -1 to 1." };
        var bundle = new Option<string?>("--bundle") { Description = "The bundle that made the vectors (default: the one that the index names; of scores, the folder 'bundle' beside them). A store needs it named." };
        var vectors = new Option<string?>("--vectors") { Description = "Word vectors for words that are not among the bundle's labels: the file it was trained with, or a cache of it." };
        var count = new Option<int>("-k") { Description = "How many.", DefaultValueFactory = _ => 10 };
        return new Command("search", "Find images by text, by another image, or by both.") { where, text, image, mix, ef, least, bundle, vectors, count }.Does((parsed, session) =>
        {
            var (file, words, photo, share) = (parsed.GetValue(where)!, parsed.GetValue(text), parsed.GetValue(image), parsed.GetValue(mix));
            if (words is null && photo is null) throw new DeviseInputException("search: expected --text, --image, or both");
            if (share is not null && (words is null || photo is null)) throw new DeviseInputException("--mix: expected with --text and --image");
            if (share is not (null or >= 0 and <= 1)) throw new DeviseInputException($"--mix: {share}, expected 0 to 1");
            if (parsed.GetValue(least) is not (null or >= -1 and <= 1)) throw new DeviseInputException(FormattableString.Invariant($"--min: {parsed.GetValue(least)}, expected a cosine, -1 to 1"));
            var k = parsed.GetValue(count) is >= 1 and var wanted ? wanted : throw new DeviseInputException($"-k: {parsed.GetValue(count)}, expected at least 1");
            if (StoreAddress.Is(file))
            {
                if (parsed.GetValue(ef) is not null) throw new DeviseInputException("--ef: of an index here, not of a store");
                StoreSearch.Run(session, file, parsed.GetValue(bundle), parsed.GetValue(vectors), words, photo, k, parsed.GetValue(least));
                return;
            }
            var scores = !IndexOrScores.IsIndex(file);
            using var index = scores ? ReadScores(file) : VectorIndex.Open(file);
            var beside = scores ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "bundle") : null;
            var query = new IndexQuery(index, parsed.GetValue(bundle) ?? beside, parsed.GetValue(vectors), scores ? opened => VectorMaker.Of(opened).CheckScores(file, session) : null).Embed(words, photo, share ?? 0.5);
            var options = new SearchOptions { Ef = parsed.GetValue(ef) };
            var hits = index.Search(query, k, options).Where(hit => !(hit.Cosine < parsed.GetValue(least))).ToArray();
            session.Answer(new { query = words ?? photo, text = words, image = photo, hits = hits.Select(hit => new { path = hit.Id, cosine = hit.Cosine }) }, output =>
            {
                foreach (var hit in hits) output.WriteLine(FormattableString.Invariant($"{hit.Cosine:F4}  {hit.Id}"));
            });
        });
    }

    private static VectorIndex ReadScores(string file)
    {
        var first = ScoreFile.Read(file).FirstOrDefault(row => row.Status == ImageStatus.Ok) ?? throw new DeviseInputException($"{file}: no image with an embedding in it");
        return VectorIndex.Create(Vectors(), first.Embedding?.Length ?? 1, new() { Kind = VectorIndexKind.Exact, Storage = VectorStorage.Fp32 });

        IEnumerable<(string, ReadOnlyMemory<float>)> Vectors() => ScoreFile.Read(file).Where(row => row.Status == ImageStatus.Ok)
            .Select(row => (row.Path, row.Embedding ?? throw new DeviseInputException($"{file}: {row.Path} has no embedding, expected scores written with --embeddings")));
    }
}

using MLNet.Devise.Search;
using MLNet.Devise.Stores;

namespace MLNet.Devise.Cli;

/// <summary><c>devise search</c> in a store elsewhere.</summary>
internal static class StoreSearch
{
    public static void Run(Session session, string address, string? bundleFolder, string? vectors, string? words, string? photo, int k, double? least)
    {
        if (words is not null && photo is not null) throw new DeviseInputException("search in a store: expected --text or --image");
        var bundle = ModelBundle.Open(bundleFolder ?? throw new DeviseInputException("search in a store: expected --bundle, the one that made the vectors"));
        using var generator = new BundleEmbeddingGenerator(bundle, vectors);
        PartialAnswerException? partial = null;
        using var store = StoreAddress.OpenAsync(address, generator.Dimension, answer => partial = answer).GetAwaiter().GetResult();
        if (store.NetworkAsync(session.Cancellation).GetAwaiter().GetResult() is { } made && made != IndexModel.Of(bundle).Sha256)
            throw new DeviseInputException($"{bundleFolder}: another network than the one that made the vectors of {store.Name}; they cannot be compared. Name that one with --bundle");
        var query = (words is not null ? generator.GenerateAsync([words], cancellationToken: session.Cancellation) : generator.GenerateAsync([new FileInfo(photo!)], cancellationToken: session.Cancellation)).GetAwaiter().GetResult()[0].Vector;
        var hits = store.SearchAsync(query, k, new() { ScoreThreshold = least }, session.Cancellation).ToBlockingEnumerable().ToArray();
        if (partial is not null) Console.Error.WriteLine($"devise: partial answer: {partial.Message.ReplaceLineEndings(" ")}");
        session.Answer(new { query = words ?? photo, text = words, image = photo, partial = partial is not null, missingShards = partial?.Missing, hits = hits.Select(hit => new { path = hit.Record.Path, label = hit.Record.Label, cosine = hit.Score }) }, output =>
        {
            foreach (var hit in hits) output.WriteLine(FormattableString.Invariant($"{hit.Score:F4}  {hit.Record.Path}"));
        });
    }
}

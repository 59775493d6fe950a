using System.CommandLine;
using MLNet.Devise.Search;
using MLNet.Devise.Stores;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise index push</c>: an index's or a score file's vectors go into PostgreSQL or Garnet.</summary>
internal static class IndexPushVerb
{
    public static Command Create()
    {
        var file = new Argument<string>("INDEX") { Description = "An index, or scores written with --embeddings." };
        var to = new Option<string>("--to") { Description = "postgres://user@host/database?table=NAME, garnet://host:port,…?name=NAME, or env:NAME, a variable that holds one.", Required = true };
        var bundle = new Option<string?>("--bundle") { Description = "The bundle that made the vectors, for scores without their .stats.json; with it they know, as an index does." };
        return new Command("push", "Put an index's vectors into PostgreSQL with pgvector, or into Garnet; ones of the same paths are replaced.") { file, to, bundle }.Does((parsed, session) =>
        {
            var (path, address) = (parsed.GetValue(file)!, parsed.GetValue(to)!);
            if (!StoreAddress.Is(address)) throw new DeviseInputException("--to: expected postgres://…, garnet://… or env:NAME");
            using var index = IndexOrScores.IsIndex(path) ? VectorIndex.Open(path) : null;
            var records = index is not null ? ImageRecords.OfIndex(index) : ImageRecords.OfScores(path);
            var dimension = index?.Dimension ?? records.FirstOrDefault()?.Vector.Length ?? throw new DeviseInputException($"{path}: no image with an embedding in it");
            var maker = parsed.GetValue(bundle) is { } folder ? VectorMaker.Of(ModelBundle.Open(folder)) : null;
            if (index is null) maker?.CheckScores(path, session);
            var named = maker is not null ? maker.Network : index is null ? VectorMaker.NetworkOf(path, session) : null;
            if (named is not null && index?.Model is { } model && model.Sha256 != named) throw new DeviseInputException($"{parsed.GetValue(bundle)}: another network than the one that made {path}");
            using var store = StoreAddress.OpenAsync(address, dimension).GetAwaiter().GetResult();
            if ((named ?? index?.Model?.Sha256) is { } network) store.EnsureNetworkAsync(network, session.Cancellation).GetAwaiter().GetResult();
            var pushed = (store is PgvectorStore table ? table.ImportAsync(records, session.Cancellation) : ((GarnetStore)store).ImportAsync(records, session.Cancellation)).GetAwaiter().GetResult();
            var held = store.CountAsync(session.Cancellation).GetAwaiter().GetResult();
            session.Answer(new { pushed, vectors = held, store = store.Name }, output => output.WriteLine(FormattableString.Invariant($"{pushed} vectors pushed, {store.Name} holds {held}")));
        });
    }
}

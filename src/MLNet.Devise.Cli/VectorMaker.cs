using MLNet.Devise.Jobs;
using MLNet.Devise.Jobs.Parts;
using MLNet.Devise.Search;

namespace MLNet.Devise.Cli;

/// <summary>What makes an index's vectors: those of another network cannot be compared with them.</summary>
/// <param name="Name">How to call it in messages.</param>
/// <param name="Network">SHA-256 of the network; null where it is not known.</param>
/// <param name="Dimension">Values a vector.</param>
internal sealed record VectorMaker(string Name, string? Network, int Dimension)
{
    public static VectorMaker Of(ModelBundle bundle) => new(bundle.Folder, IndexModel.Of(bundle).Sha256, bundle.Manifest.Dimension);

    public static VectorMaker Of(VectorIndex index) => new(index.Model?.Bundle ?? "the index", index.Model?.Sha256, index.Dimension);

    /// <summary>Throws where it is known that another network made the scores, and says so where it is not known which one did.</summary>
    /// <exception cref="DeviseInputException">Another one made them.</exception>
    public void CheckScores(string scores, Session session)
    {
        if (Network is null) return;
        var stats = FinishedOutput.StatsPath(scores);
        if (!File.Exists(stats)) session.Say($"{scores}: there is no {stats}, so nothing says which network made its vectors; they are taken for those of {Name}");
        else if (StatsFile.Read(stats).Job.Network != Network)
            throw new DeviseInputException($"{scores}: another network made its vectors than that of {Name}; they cannot be compared. Name the bundle that made them, or score the images again with this one");
    }

    /// <summary>The network that made the vectors of a score file, as far as the statistics beside it say; null, and a word about it, where there are none.</summary>
    public static string? NetworkOf(string scores, Session session)
    {
        var stats = FinishedOutput.StatsPath(scores);
        if (File.Exists(stats)) return StatsFile.Read(stats).Job.Network;
        session.Say($"{scores}: there is no {stats}, so nothing says which network made its vectors, and nothing is checked; name the bundle that made them with --bundle");
        return null;
    }

    /// <summary>The rows of a score file, whose vectors are as this makes them.</summary>
    /// <exception cref="DeviseInputException">Another network made them, or they have another dimension.</exception>
    public IEnumerable<ScoredImage> Scores(string scores, Session session)
    {
        CheckScores(scores, session);
        foreach (var image in ScoreFile.Read(scores))
        {
            if (image.Embedding is { Length: var length } && length != Dimension)
                throw new DeviseInputException($"{scores}: {image.Path} has a vector of {length} values, expected {Dimension}, as {Name} makes them");
            yield return image;
        }
    }
}

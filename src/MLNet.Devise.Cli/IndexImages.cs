using System.CommandLine;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Jobs;
using MLNet.Devise.Jobs.Inputs;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Cli;

/// <summary>Where an index's vectors come from: images, which are embedded, or a score file that has their embeddings.</summary>
internal sealed class IndexImages
{
    public Option<string?> Images { get; } = new("--images") { Description = "Folder, quoted pattern such as 'photos/**/*.jpg', or a .csv or .parquet with a Path column; a single image will do." };
    public Option<string?> Scores { get; } = new("--scores") { Description = "Instead of images: scores of the same bundle, written with --embeddings. Their paths stay as the file has them, relative to the folder that was scored." };
    public Option<int?> Workers { get; } = new("--workers") { Description = "Images at a time (default: one a processor)." };
    public Option<ExecutionProvider> Provider { get; } = ProviderOption.Create();

    public IReadOnlyList<Option> All => [Images, Scores, Workers, Provider];

    /// <summary>Images that could not be read, with the reason, as far as they were come to.</summary>
    public List<string> Bad { get; } = [];

    /// <summary>Ids and vectors, as they are wanted. Ids of images are paths that can be opened from the working folder, those of scores what the file has.</summary>
    public IEnumerable<(string Id, ReadOnlyMemory<float> Vector)> Read(ParseResult parsed, Session session, VectorMaker maker, Func<ModelBundle> bundle, IProgressView view)
    {
        var (images, scores) = (parsed.GetValue(Images), parsed.GetValue(Scores));
        if (images is null == scores is null) throw new DeviseInputException("expected either --images or --scores");
        var done = 0L;
        foreach (var image in scores is not null ? maker.Scores(scores, session) : Embed(images!, parsed, session, bundle()))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            view.Show("embedding", ++done, null, () => FormattableString.Invariant($"{done} images  {Bad.Count} bad"));
            if (image.Status != ImageStatus.Ok) Bad.Add($"{image.Path}: {image.Status.Name()}: {image.Error}");
            else yield return (image.Path, image.Embedding ?? throw new DeviseInputException($"{scores}: {image.Path} has no embedding, expected scores written with --embeddings"));
        }
    }

    private IEnumerable<ScoredImage> Embed(string images, ParseResult parsed, Session session, ModelBundle bundle)
    {
        var single = File.Exists(images) && Path.GetExtension(images).ToLowerInvariant() is not (".csv" or ".parquet");
        using var inputs = single ? null : ImageInputs.Open(images, keep: null);
        using var scorer = new JobScorer(bundle, new() { K = 1, Embeddings = true, Workers = parsed.GetValue(Workers), Provider = parsed.GetValue(Provider) }, inputs?.Root ?? Directory.GetCurrentDirectory(), session.Cancellation);
        foreach (var line in ImageInputs.Skipped(inputs?.LinkedFolders ?? 0, inputs?.Hidden ?? 0)) session.Say(line);
        // In the words of whoever asks, so that an answer can be opened from where the question was asked.
        foreach (var row in scorer.Score(single ? [new(images, [])] : inputs!.Rows()))
            yield return row.Image with { Path = inputs is null ? row.Image.Path : Slashes(Path.Combine(inputs.TypedRoot, row.Image.Path)) };
    }

    private static string Slashes(string path) => OperatingSystem.IsWindows() ? path.Replace('\\', '/') : path;
}

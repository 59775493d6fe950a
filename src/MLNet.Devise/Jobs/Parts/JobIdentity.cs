using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using MLNet.Devise.Jobs.Formats;
using MLNet.Devise.Jobs.Inputs;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs.Parts;

/// <summary>Everything that decides a job's rows and how they are cut into parts. Parts belong together only if theirs are the same.</summary>
internal sealed record JobIdentity
{
    /// <summary>SHA-256 of the bundle's network.</summary>
    public required string Network { get; init; }

    /// <summary>Hash of the labels' names and vectors.</summary>
    public required string Labels { get; init; }

    /// <summary>Hash of how labels compete; empty where by cosine alone.</summary>
    public string Ranking { get; init; } = "";

    public required int K { get; init; }

    public required bool Embeddings { get; init; }

    /// <summary>Columns that go through.</summary>
    public required IReadOnlyList<KeptColumn> Kept { get; init; }

    /// <summary>Rows of all shards together.</summary>
    public required long Rows { get; init; }

    /// <summary>Fingerprint of all inputs in their order.</summary>
    public required string Inputs { get; init; }

    public required int Shards { get; init; }

    public required int PartRows { get; init; }

    public static JobIdentity Of(ModelBundle bundle, DeviseJobOptions options, ImageInputs inputs, RowFingerprint fingerprint) => new()
    {
        Network = bundle.Manifest.Files[ModelBundle.OnnxName].Sha256,
        Labels = Hash(options.Labels ?? bundle.Labels),
        Ranking = Hash(options.Ranking),
        K = options.K,
        Embeddings = options.Embeddings,
        Kept = inputs.Kept,
        Rows = fingerprint.Rows,
        Inputs = fingerprint.Value,
        Shards = options.Shard?.Count ?? 1,
        PartRows = options.PartRows,
    };

    /// <summary>The schema of its rows.</summary>
    public ScoreSchema Schema => new(Embeddings, Kept);

    /// <summary>What is different in another job, in words; <see langword="null"/> where nothing is.</summary>
    public string? Difference(JobIdentity other)
    {
        if (Shards != other.Shards) return $"{Shards} shards there, {other.Shards} here";
        if (Rows != other.Rows) return $"{Rows} inputs there, {other.Rows} here";
        if (!Kept.SequenceEqual(other.Kept)) return $"columns '{Names(Kept)}' there, '{Names(other.Kept)}' here";
        if (Inputs != other.Inputs) return "other inputs, or in another order";
        if (Network != other.Network) return "another bundle";
        if (Labels != other.Labels) return "other labels";
        if (Ranking != other.Ranking) return "labels compete in another way (--gamma)";
        if (K != other.K) return $"k {K} there, {other.K} here";
        if (Embeddings != other.Embeddings) return Embeddings ? "with embeddings there, without here" : "without embeddings there, with them here";
        return PartRows != other.PartRows ? $"{PartRows} rows a part there, {other.PartRows} here" : null;
    }

    private static string Hash(LabelRanking ranking)
    {
        static string Text(LabelRanking ranking) => JsonSerializer.Serialize(ranking.SeenPenalty != 0 ? ranking : ranking with { SeenLabels = [] });
        var text = Text(ranking);
        return text == Text(new()) ? "" : Convert.ToHexStringLower(XxHash128.Hash(MemoryMarshal.AsBytes(text.AsSpan())));
    }

    private static string Names(IReadOnlyList<KeptColumn> columns) => string.Join(',', columns.Select(column => column.Name));

    private static string Hash(LabelSpace labels)
    {
        var hash = new XxHash128();
        foreach (var name in labels.Names) hash.Append(MemoryMarshal.AsBytes($"{name}\n".AsSpan()));
        // One at a time: the bytes of all may be more than a span can have.
        for (var i = 0; i < labels.Names.Count; i++) hash.Append(MemoryMarshal.AsBytes(labels.Vector(i)));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}

using System.IO.Hashing;
using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.Devise.Data;

namespace MLNet.Devise.Jobs.Parts;

/// <summary>
/// What is known of a file of scores: written after the file itself is on disk, it says that the file is whole (a part's commit
/// marker, or the statistics beside a finished job's file).
/// </summary>
internal sealed record StatsFile
{
    private const int CurrentFormat = 1;
    private const long MaxBytes = 4 << 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public int Format { get; init; } = CurrentFormat;

    /// <summary>The job it belongs to.</summary>
    public required JobIdentity Job { get; init; }

    /// <summary>Position of its first row among the job's inputs.</summary>
    public required long FirstRow { get; init; }

    public required long Rows { get; init; }

    public required IReadOnlyDictionary<string, long> ByStatus { get; init; }

    /// <summary>Size of the file of scores.</summary>
    public required long Bytes { get; init; }

    /// <summary>XXH3 of 128 bits of the file of scores.</summary>
    public required string Xxh128 { get; init; }

    /// <summary>The file that is about to take this one's place, or just has; null but for the moment of the change.</summary>
    public StatsFile? Next { get; init; }

    /// <summary>When it was finished.</summary>
    public DateTime Written { get; init; } = DateTime.UtcNow;

    /// <summary>Rows whose status is not <c>ok</c>.</summary>
    [JsonIgnore]
    public long Bad => Rows - ByStatus.GetValueOrDefault("ok");

    /// <summary>Describes a file that was just written.</summary>
    public static StatsFile Of(string scores, JobIdentity job, long firstRow, StatusCounts counts)
    {
        var (bytes, hash) = Digest(scores);
        return new() { Job = job, FirstRow = firstRow, Rows = counts.Rows, ByStatus = counts.ToDictionary(), Bytes = bytes, Xxh128 = hash };
    }

    /// <summary>Reads one back.</summary>
    /// <exception cref="DeviseInputException">It is damaged or of a newer version.</exception>
    public static StatsFile Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes) throw new JsonException($"it has more than {MaxBytes >> 20} MB");
            var stats = JsonSerializer.Deserialize<StatsFile>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is 'null'");
            if (stats.Format != CurrentFormat) throw new DeviseInputException($"{path}: format {stats.Format}, this program reads {CurrentFormat}; update MLNet.Devise or start the job anew");
            if (stats.Job is not { Rows: >= 1, Shards: >= 1 and <= JobShard.MostShards, PartRows: >= 1 and <= DeviseJobOptions.MostPartRows } || stats.FirstRow < 0) throw new JsonException("its numbers of rows, shards or rows a part are out of range");
            if (stats.ByStatus.Values.Sum() != stats.Rows || stats.ByStatus.Values.Any(count => count < 0)) throw new JsonException("its rows by status do not add up");
            foreach (var status in stats.ByStatus.Keys) Scoring.ImageStatusNames.Parse(status);
            return stats;
        }
        catch (JsonException e)
        {
            throw new DeviseInputException($"{path}: not a file of statistics as a job writes it: {e.Message.ReplaceLineEndings(" ")}; delete it and run the job again with --resume", e);
        }
    }

    /// <summary>The same; <see langword="null"/> where there is none.</summary>
    /// <exception cref="DeviseInputException">It is damaged or of a newer version.</exception>
    public static StatsFile? TryRead(string path)
    {
        try { return Read(path); }
        catch (FileNotFoundException) { return null; }
    }

    public void Write(string path) => WholeFile.WriteText(path, JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>Whether the file of scores has the size it had; with <paramref name="deep"/>, also every byte.</summary>
    public bool Fits(string scores, bool deep)
    {
        var file = new FileInfo(scores);
        return file.Exists && file.Length == Bytes && (!deep || Digest(scores).Hash == Xxh128);
    }

    private static (long Bytes, string Hash) Digest(string path)
    {
        var hash = new XxHash128();
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);
        hash.Append(stream);
        return (stream.Length, Convert.ToHexStringLower(hash.GetCurrentHash()));
    }
}

using MLNet.Devise.Data;

namespace MLNet.Devise.Jobs.Parts;

/// <summary>The folder <c>OUT.parts</c> beside a job's output <c>OUT</c>: finished parts and their commit markers.</summary>
internal sealed class PartFolder(string output)
{
    /// <summary>The folder.</summary>
    public string Path { get; } = $"{System.IO.Path.GetFullPath(output)}.parts";

    /// <summary>As messages have it.</summary>
    public string Name { get; } = $"{output}.parts";

    public bool Exists => Directory.Exists(Path);

    /// <summary>Where a part's rows go.</summary>
    public string Rows(PartName part) => System.IO.Path.Combine(Path, part.Rows);

    public string Marker(PartName part) => System.IO.Path.Combine(Path, part.Marker);

    /// <summary>Every part with a commit marker, in order.</summary>
    public IReadOnlyList<PartName> Committed() => !Exists ? [] :
        [.. Directory.EnumerateFiles(Path, "part-*.stats.json").Select(path => PartName.OfMarker(System.IO.Path.GetFileName(path))).OfType<PartName>()
            .OrderBy(part => part.Shard.Count).ThenBy(part => part.Shard.Index).ThenBy(part => part.Part)];

    /// <summary>The jobs that parts are of; a part whose marker has gone, because another process is trying it again, is passed over.</summary>
    public IEnumerable<JobIdentity> Jobs(IEnumerable<PartName> parts)
    {
        foreach (var part in parts)
            if (StatsFile.TryRead(Marker(part)) is { } stats) yield return stats.Job;
    }

    /// <summary>Whether there is a part of exactly this job's shard.</summary>
    public bool Has(JobShard shard, JobIdentity job) => Jobs(Committed().Where(part => part.Shard == shard)).Any(other => other.Difference(job) is null);

    /// <summary>Writes a part: the rows whole and on disk first, then the marker that makes them count.</summary>
    public StatsFile Commit(PartName part, JobIdentity job, long firstRow, IEnumerable<Formats.ScoreRow> rows)
    {
        var counts = new StatusCounts();
        var next = $"{Rows(part)}.next.partial";
        WholeFile.Write(next, stream => Formats.ParquetScores.Write(stream, Counted(), job.Schema));
        // A part that is replaced must at no moment have a marker that speaks of other rows.
        File.Delete(Marker(part));
        File.Move(next, Rows(part), overwrite: true);
        var stats = StatsFile.Of(Rows(part), job, firstRow, counts);
        stats.Write(Marker(part));
        return stats;

        IEnumerable<Formats.ScoreRow> Counted()
        {
            foreach (var row in rows)
            {
                counts.Add(row.Image.Status);
                yield return row;
            }
        }
    }

    /// <summary>Holds a shard for this process; the system lets go of it when the process ends, however it ends.</summary>
    /// <exception cref="IOException">Another process has it, or the disk is full or broken.</exception>
    /// <exception cref="DeviseInputException">The folder cannot be one, or cannot be written to.</exception>
    public IDisposable Lock(JobShard shard)
    {
        var path = System.IO.Path.Combine(Path, PartName.Lock(shard));
        try
        {
            Directory.CreateDirectory(Path);
            return new Held(Path, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (DirectoryNotFoundException)
        {
            // Another shard, which had finished nothing, has just removed the folder, or the probe of another process the one around it.
            return Lock(shard);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DeviseInputException($"{Name}: cannot be written to: {e.Message}", e);
        }
        catch (IOException) when (File.Exists(Path))
        {
            throw new DeviseInputException($"{Name}: a file, expected a folder for the parts, or none yet; move it away");
        }
        catch (IOException e) when (FileFaults.IsInUse(e))
        {
            // No mistake: trying again helps, as a scheduler does whose earlier process is still ending.
            throw new IOException($"{path}: another process is at work on shard {shard} of {output}; wait for it or end it, then go on with --resume", e);
        }
    }

    /// <summary>Removes what a killed process left half-written or without its marker, or with <paramref name="all"/> everything of a shard; only for whoever holds it.</summary>
    public void Clean(JobShard shard, bool all)
    {
        foreach (var file in Directory.EnumerateFiles(Path, PartName.Pattern(shard)).ToArray())
            if (all ? !file.EndsWith(".lock", StringComparison.Ordinal) : file.EndsWith(".partial", StringComparison.Ordinal) || IsUnmarked(file)) File.Delete(file);
    }

    /// <summary>Removes a shard's parts, once they are joined, but none of another job; only for whoever holds the shard. The folder goes with its lock, where nothing else is in it.</summary>
    public void Remove(JobShard shard, JobIdentity job)
    {
        foreach (var part in Committed().Where(part => part.Shard == shard && StatsFile.Read(Marker(part)).Job.Difference(job) is null))
        {
            // Rows without a marker do not count, should the process end in between.
            File.Delete(Marker(part));
            File.Delete(Rows(part));
        }
        Clean(shard, all: false);
    }

    private static bool IsUnmarked(string file) => file.EndsWith(".parquet", StringComparison.Ordinal) && !File.Exists(System.IO.Path.ChangeExtension(file, ".stats.json"));

    private sealed record Held(string Folder, FileStream File) : IDisposable
    {
        /// <summary>Also removes the folder where nothing was finished.</summary>
        public void Dispose()
        {
            File.Dispose();
            try
            {
                if (!Directory.EnumerateFileSystemEntries(Folder).Any()) Directory.Delete(Folder);
            }
            catch (IOException)
            {
                // Another shard has just begun in it.
            }
        }
    }
}

namespace MLNet.Devise.Data.Downloads;

/// <summary>How patiently a file is fetched.</summary>
internal sealed record DownloadOptions
{
    /// <summary>Connections in a row that bring nothing new before giving up; one that brings something starts the count again.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>Wait before the second attempt; each further one waits twice as long.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Silence after which a connection counts as broken.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the file is unpacked beside itself afterwards, which takes as much room again.</summary>
    public bool Unpacks { get; init; }

    /// <summary>Free bytes of the disk that holds a folder.</summary>
    public Func<string, long> FreeSpace { get; init; } = folder => new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;
}

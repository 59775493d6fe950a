namespace MLNet.Devise.Data.Downloads;

/// <summary>
/// What has come of a file so far, kept beside it as <c>NAME.part</c>, with the server's mark of the version (<c>NAME.part.version</c>):
/// without the mark nobody can tell whether the rest would belong to the same file, and it starts again.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly string _path, _versionPath;

    /// <exception cref="IOException">Another process is at it.</exception>
    public PartialFile(string target)
    {
        (_path, _versionPath) = (target + ".part", target + ".part.version");
        try { _stream = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1 << 16); }
        catch (IOException e) when (File.Exists(_path)) { throw new IOException($"{_path}: in use, probably by another download of the same file; wait for it, or stop it", e); }
        Version = File.Exists(_versionPath) ? File.ReadAllText(_versionPath) : null;
        if (Version is null) Restart(null);
        _stream.Position = _stream.Length;
    }

    public long Length => _stream.Length;

    /// <summary>ETag or date of the version that the bytes are of.</summary>
    public string? Version { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>Drops what there is, to begin with a version that may be another.</summary>
    public void Restart(string? version)
    {
        _stream.SetLength(0);
        Version = version;
        if (version is null) File.Delete(_versionPath);
        else File.WriteAllText(_versionPath, version);
    }

    /// <summary>Lower-case hexadecimal SHA-256 of the whole.</summary>
    public string Checksum()
    {
        _stream.Flush();
        return FileChecksum.Of(_stream);
    }

    /// <summary>Gives the file its name.</summary>
    public void Complete(string target)
    {
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        File.Move(_path, target);
        File.Delete(_versionPath);
    }

    /// <summary>Leaves no trace.</summary>
    public void Remove()
    {
        _stream.Dispose();
        File.Delete(_path);
        File.Delete(_versionPath);
    }

    /// <summary>Keeps what has come, for the next time; an empty file is not worth it.</summary>
    public void Dispose()
    {
        if (!_stream.CanWrite) return;
        if (_stream.Length == 0) Remove();
        else _stream.Dispose();
    }
}

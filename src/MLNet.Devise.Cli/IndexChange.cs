using MLNet.Devise.Data;
using MLNet.Devise.Search;

namespace MLNet.Devise.Cli;

/// <summary>An index from its opening to its saving: no other process changes it meanwhile, or what it saves would be lost.</summary>
internal sealed class IndexChange : IDisposable
{
    private readonly FileStream _lock;

    private IndexChange(FileStream held, VectorIndex index) => (_lock, Index) = (held, index);

    public VectorIndex Index { get; }

    /// <exception cref="DeviseInputException">There is no such index, it is damaged or cannot be written to.</exception>
    /// <exception cref="IOException">Another process changes it; trying again helps.</exception>
    public static IndexChange Begin(string path)
    {
        // First of all: a misspelt path must not become a folder.
        if (!File.Exists(path)) throw new DeviseInputException(Directory.Exists(path) ? $"{path}: a folder, expected an index" : $"{path}: no such index, expected one made by 'devise index build'");
        WholeFile.CheckWritable(path);
        var held = Lock(path);
        // Damage is told now, not when hours of embedding are to be saved.
        try { return new(held, VectorIndex.Open(path, IndexOpenOptions.ToChange with { Verify = true })); }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Index.Dispose();
        _lock.Dispose();
    }

    /// <summary>Holds an index that is about to be replaced, so that what another process adds to it meanwhile is not lost; null where there is none yet.</summary>
    /// <exception cref="IOException">Another process changes it; trying again helps.</exception>
    public static IDisposable? Hold(string path) => File.Exists(path) ? Lock(path) : null;

    // The system lets go of it when the process ends, however it ends.
    private static FileStream Lock(string path)
    {
        FileStream held;
        try { held = new($"{WholeFile.Target(path)}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose); }
        catch (IOException e) when (FileFaults.IsInUse(e)) { throw new IOException($"{path}: another process is changing this index; wait for it or end it", e); }
        // Of processes that were killed while they wrote: as large as the index itself.
        WholeFile.RemoveLeftovers(path);
        return held;
    }
}

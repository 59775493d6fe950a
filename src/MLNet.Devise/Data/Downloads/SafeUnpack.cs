using System.Buffers;
using System.IO.Compression;
using System.IO.Hashing;

namespace MLNet.Devise.Data.Downloads;

/// <summary>
/// Unpacks an archive that came from elsewhere: no file outside the folder, no links, no more bytes than it says and the disk has, every
/// checksum compared; and the folder appears whole or not at all.
/// </summary>
internal sealed class SafeUnpack(Func<string, long> freeSpace, Action<DownloadProgress> progress)
{
    private const int MaxFiles = 2_000_000;
    // Deflate can make a thousand of one; photos and numbers come nowhere near this.
    private const long MostTimes = 200, Spared = 16 << 20;
    private static readonly SearchValues<char> NotInNames = SearchValues.Create(":*?\"<>|");
    private const int KindMask = 0xF000, Link = 0xA000;

    /// <summary>Name of the one folder that all of an archive lies in.</summary>
    /// <exception cref="IOException">The archive is damaged, or holds something that is not expected of it.</exception>
    public static string Root(string archive) => Guard(archive, zip =>
    {
        var roots = zip.Entries.Select(entry => Parts(archive, entry)[0]).Distinct(StringComparer.Ordinal).Where(name => name != "__MACOSX").Take(2).ToArray();
        return roots.Length == 1 ? roots[0] : throw new IOException($"{archive}: files of {(roots.Length == 0 ? "no folder" : $"'{roots[0]}', '{roots[1]}' …")}, expected one folder with everything in it");
    });

    /// <summary>Unpacks an archive of one folder.</summary>
    /// <param name="archive">A zip file.</param>
    /// <param name="folder">Where its folder goes.</param>
    /// <param name="cancellation">Stops; nothing is left.</param>
    /// <returns>The folder unpacked.</returns>
    /// <exception cref="IOException">The archive is damaged, holds something that is not expected of it, or the disk is too small.</exception>
    public string Unpack(string archive, string folder, CancellationToken cancellation)
    {
        var root = Root(archive);
        var target = Path.Combine(Path.GetFullPath(folder), root);
        if (Path.Exists(target)) throw new DeviseInputException($"{target}: there already; move it away to unpack {archive} again");
        var aside = target + ".unpacking";
        Directory.CreateDirectory(folder);
        using var busy = Lock(aside + ".lock");
        // What a killed process left.
        if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        try
        {
            Guard(archive, zip =>
            {
                Files(archive, zip, aside, cancellation);
                return 0;
            });
            Directory.Move(Path.Combine(aside, root), target);
        }
        finally { if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true); }
        return target;
    }

    private void Files(string archive, ZipArchive zip, string aside, CancellationToken cancellation)
    {
        if (zip.Entries.Count > MaxFiles) throw new IOException($"{archive}: {zip.Entries.Count:N0} files, expected at most {MaxFiles:N0}");
        var total = zip.Entries.Sum(entry => (decimal)entry.Length);
        if (total > Spared + MostTimes * new FileInfo(archive).Length) throw new IOException($"{archive}: would unpack to {total:N0} bytes, more than {MostTimes} times its size");
        var free = freeSpace(Path.GetDirectoryName(Path.GetFullPath(aside))!);
        if (total > free) throw new IOException($"{archive}: unpacks to {total:N0} bytes, the disk has {free:N0} free; make room, or choose another folder with --out");
        var done = 0L;
        foreach (var entry in zip.Entries)
        {
            cancellation.ThrowIfCancellationRequested();
            var parts = Parts(archive, entry);
            var path = Path.Combine([aside, .. parts]);
            if (entry.FullName[^1] is '/' or '\\') Directory.CreateDirectory(path);
            else if (parts[0] != "__MACOSX") File(archive, entry, path);
            progress(new(done += entry.Length, (long)total));
        }
    }

    /// <summary>Writes one file: no byte more or other than the archive says of it.</summary>
    private static void File(string archive, ZipArchiveEntry entry, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var source = entry.Open();
        // A second file of the same name would be one too many, also where the disk takes capitals for small letters.
        using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        var (piece, hash, length) = (new byte[1 << 16], new Crc32(), 0L);
        for (int count; (count = source.Read(piece)) > 0; length += count)
        {
            if (length + count > entry.Length) throw new IOException($"{archive}: '{entry.FullName}' has more than the {entry.Length:N0} bytes that the archive says");
            hash.Append(piece.AsSpan(0, count));
            target.Write(piece, 0, count);
        }
        if (length != entry.Length || hash.GetCurrentHashAsUInt32() != entry.Crc32) throw new IOException($"{archive}: '{entry.FullName}' is damaged ({length:N0} of {entry.Length:N0} bytes, or another checksum); delete the archive and download it again");
    }

    /// <summary>The folders and name of an entry, none of which may lead elsewhere.</summary>
    private static string[] Parts(string archive, ZipArchiveEntry entry)
    {
        var name = entry.FullName.Replace('\\', '/');
        string[] parts = name.TrimEnd('/').Split('/');
        if (name.StartsWith('/') || parts.Any(part => part.Length == 0 || part is "." or ".." || part.AsSpan().ContainsAny(NotInNames) || part.Any(char.IsControl)))
            throw new IOException($"{archive}: a file named '{entry.FullName}', expected names that stay within the folder");
        if ((entry.ExternalAttributes >> 16 & KindMask) == Link) throw new IOException($"{archive}: '{entry.FullName}' is a link, expected files and folders");
        return parts;
    }

    private static T Guard<T>(string archive, Func<ZipArchive, T> work)
    {
        try
        {
            using var zip = ZipFile.OpenRead(archive);
            return work(zip);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException) { throw new IOException($"{archive}: a damaged or unsupported archive: {e.Message}; delete it and download it again", e); }
    }

    private static FileStream Lock(string path)
    {
        try { return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose); }
        catch (IOException e) when (System.IO.File.Exists(path)) { throw new IOException($"{path}: in use, another process unpacks the same; wait for it, or stop it", e); }
    }
}

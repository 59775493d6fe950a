using System.IO.Compression;

namespace MLNet.Devise.Labels.Files;

/// <summary>
/// A word-vector file as it lies on disk: plain, gzip'd, or a file within a zip archive (<c>glove.6B.zip/glove.6B.300d.txt</c>). What it is
/// tell its first bytes, not its name.
/// </summary>
internal sealed class VectorFile
{
    private readonly string _archive;
    private readonly string? _entry;
    private readonly bool _gzip;

    private VectorFile(string path, string archive, string? entry = null, bool gzip = false) => (Path, _archive, _entry, _gzip) = (path, archive, entry, gzip);

    /// <summary>As it was asked for; messages begin with it.</summary>
    public string Path { get; }

    /// <summary>Whether it can be read only from its beginning.</summary>
    public bool IsPacked => _gzip || _entry is not null;

    /// <summary>Bytes of the content; null where only unpacking would tell.</summary>
    public long? Length { get; private init; }

    /// <exception cref="DeviseInputException">No such file, a damaged archive, or one of several files without saying which.</exception>
    public static VectorFile Find(string path)
    {
        if (File.Exists(path)) return Packing(path) switch
        {
            PackedKind.Zip => InArchive(path, path, null),
            PackedKind.Gzip => new(path, path, gzip: true),
            _ => new(path, path) { Length = new FileInfo(path).Length },
        };
        if (Directory.Exists(path)) throw new DeviseInputException($"{path}: a folder, expected a word-vector file");
        for (var parent = System.IO.Path.GetDirectoryName(path); !string.IsNullOrEmpty(parent); parent = System.IO.Path.GetDirectoryName(parent))
            if (File.Exists(parent) && Packing(parent) == PackedKind.Zip) return InArchive(path, parent, path[(parent.Length + 1)..].Replace('\\', '/'));
        throw new DeviseInputException($"{path}: no such word-vector file");
    }

    /// <summary>The content from its beginning.</summary>
    public Stream Open()
    {
        var file = new FileStream(_archive, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        try
        {
            if (_gzip) return new UnpackedStream(new GZipStream(file, CompressionMode.Decompress), file, Path, null);
            if (_entry is null) return file;
            var archive = new ZipArchive(file, ZipArchiveMode.Read);
            var entry = archive.GetEntry(_entry) ?? throw new DeviseInputException($"{Path}: '{_entry}' is gone from the archive");
            return new UnpackedStream(entry.Open(), file, Path, (entry.Length, entry.Crc32));
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            file.Dispose();
            throw new DeviseInputException($"{Path}: a damaged or unsupported archive: {e.Message}; fetch it again", e);
        }
    }

    private static VectorFile InArchive(string path, string zip, string? wanted)
    {
        try
        {
            using var archive = ZipFile.OpenRead(zip);
            // Archives made on a Mac bring a second file of attributes for every file.
            var files = archive.Entries.Where(entry => entry.Length > 0 && !entry.FullName.EndsWith('/') && !entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)).ToArray();
            string Names() => string.Join(", ", files.Take(10).Select(entry => entry.FullName)) + (files.Length > 10 ? ", …" : "");
            if (wanted is null && files.Length != 1)
                throw new DeviseInputException(files.Length == 0 ? $"{path}: an archive without a file in it, expected word vectors" : $"{path}: an archive of {files.Length} files ({Names()}), expected one; name it as {path}/{files[0].FullName}");
            var found = wanted is null ? files[0] : files.FirstOrDefault(entry => entry.FullName == wanted) ?? throw new DeviseInputException($"{zip}: no '{wanted}' in it, it has {Names()}");
            if (found.Length > UnpackedStream.Most(new FileInfo(zip).Length)) throw UnpackedStream.TooMuch(path);
            return new(path, zip, found.FullName) { Length = found.Length };
        }
        catch (InvalidDataException e) { throw new DeviseInputException($"{path}: a damaged archive: {e.Message}; fetch it again", e); }
    }

    private enum PackedKind { None, Gzip, Zip }

    private static PackedKind Packing(string path)
    {
        Span<byte> first = stackalloc byte[4];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        return first[..stream.ReadAtLeast(first, 4, throwOnEndOfStream: false)] switch
        {
            [0x1F, 0x8B, ..] => PackedKind.Gzip,
            [(byte)'P', (byte)'K', 3, 4] or [(byte)'P', (byte)'K', 5, 6] => PackedKind.Zip,
            _ => PackedKind.None,
        };
    }
}

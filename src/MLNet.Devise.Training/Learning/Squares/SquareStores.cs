using MLNet.Devise.Data;

namespace MLNet.Devise.Training.Learning.Squares;

/// <summary>Opens stores of decoded squares.</summary>
internal static class SquareStores
{
    /// <summary>A store in memory, of at most so many bytes and images.</summary>
    public static SquareStore InMemory(SquareFormat format, long allowance, int images)
    {
        var slots = Math.Clamp(images, 1, SquareFormat.MaxSlots);
        var length = format.Length(slots, format.Usable(slots, allowance));
        return new(format, new SquareMemory(length), slots, length, null);
    }

    /// <summary>
    /// The store of a folder: the file found there where it is whole and fits, else a new one in its place. Where another process
    /// writes to it, what it has written is read and nothing added. Null, with a reason, where there is nothing to use.
    /// </summary>
    /// <param name="format">What the squares are.</param>
    /// <param name="folder">The cache folder; made if need be.</param>
    /// <param name="allowance">Largest length that the file may be given.</param>
    /// <param name="images">Images that there could be.</param>
    /// <param name="warning">Why nothing can be read, or nothing written; null where all is well.</param>
    public static SquareStore? TryOpen(SquareFormat format, string folder, long allowance, int images, out string? warning)
    {
        var path = Path.Combine(folder, format.FileName);
        FileStream? hold = null;
        try
        {
            Directory.CreateDirectory(folder);
            hold = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var slots = SlotsOf(format, path) is { } found && found >= images ? found : 0;
            warning = null;
            var length = Math.Min(allowance, Wanted(format, images));
            if (slots > 0) Extend(format, path, slots, length);
            else if (format.Usable(SlotsFor(images), length) > 0) Create(format, path, slots = SlotsFor(images), length);
            else
            {
                hold.Dispose();
                return null;
            }
            return Open(format, path, FileAccess.ReadWrite, slots, allowance, hold);
        }
        catch (Exception e) when (IsExpected(e))
        {
            hold?.Dispose();
            warning = hold is null && e is IOException and not DirectoryNotFoundException && File.Exists(path + ".lock")
                ? $"{folder}: another run is writing its decoded images there; those that it does not have are decoded each time"
                : $"{folder}: decoded images cannot be kept there ({e.Message}); give a folder that can be written to";
        }
        try
        {
            return SlotsOf(format, path) is { } slots ? Open(format, path, FileAccess.Read, slots, 0, null) : null;
        }
        catch (Exception e) when (IsExpected(e))
        {
            return null;
        }
    }

    /// <summary>Length of a file for so many images, and some that have gone or changed their name since.</summary>
    public static long Wanted(SquareFormat format, int images) => format.Length(SlotsFor(images), (int)Math.Min(images + images / 8L, SlotsFor(images)));

    /// <summary>Slots of a new file: four for each image, so that a data set may grow before its cache has to begin anew. They cost little: the file grows for them only as needed.</summary>
    private static int SlotsFor(int images) => (int)Math.Clamp(images * 4L, 1024, SquareFormat.MaxSlots);

    private static bool IsExpected(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or DeviseInputException;

    private static SquareStore Open(SquareFormat format, string path, FileAccess access, int slots, long allowance, IDisposable? hold)
    {
        var file = File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
        try
        {
            return new(format, new SquareMemory(file, canWrite: access == FileAccess.ReadWrite), slots, allowance, hold);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The count of slots of a file that can be trusted, else null.</summary>
    private static int? SlotsOf(SquareFormat format, string path)
    {
        if (!File.Exists(path)) return null;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var header = new byte[SquareFormat.HeaderBytes];
        var read = RandomAccess.Read(file, header, 0);
        return format.SlotsOf(header.AsSpan(0, read), RandomAccess.GetLength(file));
    }

    /// <summary>Made aside and moved into place, so that whoever reads the older file keeps it whole.</summary>
    private static void Create(SquareFormat format, string path, int slots, long length) => WholeFile.Write(path, stream =>
    {
        stream.Write(format.Header(slots));
        stream.SetLength(format.Length(slots, format.Usable(slots, length)));
    });

    /// <summary>Gives a file the room that is wanted now; it is never made shorter, for others may be reading it.</summary>
    private static void Extend(SquareFormat format, string path, int slots, long length)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var wanted = format.Length(slots, format.Usable(slots, length));
        if (wanted > RandomAccess.GetLength(file)) RandomAccess.SetLength(file, wanted);
    }
}

namespace MLNet.Devise.Data;

/// <summary>Files that appear whole or not at all: written aside, flushed to disk, renamed.</summary>
internal static class WholeFile
{
    /// <summary>Writes <paramref name="path"/> through <paramref name="write"/>; on any error no trace is left and an older file stays.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes its content.</param>
    /// <param name="flushToDisk">False for one of thousands of files that can be made again: whole in the face of errors, not of a power cut.</param>
    public static void Write(string path, Action<Stream> write, bool flushToDisk = true)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var aside = $"{full}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.partial";
        try
        {
            using (var stream = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk);
            }
            File.Move(aside, full, overwrite: true);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte-order mark and with <c>\n</c> line ends.</summary>
    public static void WriteText(string path, Action<TextWriter> write) => Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new System.Text.UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        write(writer);
    });

    /// <inheritdoc cref="WriteText(string, Action{TextWriter})"/>
    public static void WriteText(string path, string text) => WriteText(path, writer => writer.Write(text));
}

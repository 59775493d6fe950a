using System.Text.RegularExpressions;

namespace MLNet.Devise.Data;

/// <summary>Files that appear whole or not at all: written aside, flushed to disk, renamed.</summary>
internal static partial class WholeFile
{
    private const int MostTries = 100;

    /// <summary>Writes <paramref name="path"/> through <paramref name="write"/>; on any error no trace is left and an older file stays.</summary>
    /// <param name="path">The file; its folder is made if need be. Of a link, what it leads to is written; an older file's Unix mode stays.</param>
    /// <param name="write">Writes its content; called only once the file is known to be writable.</param>
    /// <param name="flushToDisk">False for one of thousands of files that can be made again: whole in the face of errors, not of a power cut.</param>
    /// <param name="written">Called with the whole file aside, before it takes its place.</param>
    /// <exception cref="DeviseInputException">The path is a folder, or cannot be written to.</exception>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    public static void Write(string path, Action<Stream> write, bool flushToDisk = true, Action<string>? written = null)
    {
        var full = Target(path);
        // Not the process's number: in containers that share a folder it is the same for all of them.
        var aside = $"{full}.{Path.GetRandomFileName()}.partial";
        try
        {
            using (var stream = Create(path, full, aside))
            {
                KeepMode(full, stream);
                write(stream);
                stream.Flush(flushToDisk);
            }
            written?.Invoke(aside);
            File.Move(aside, full, overwrite: true);
        }
        catch
        {
            // Deleting in a folder that is not there would throw, and hide what went wrong.
            if (File.Exists(aside)) File.Delete(aside);
            throw;
        }
    }

    /// <summary>Removes what killed processes left half-written of a file; only where none can be writing it.</summary>
    public static void RemoveLeftovers(string path)
    {
        var full = Target(path);
        if (!Directory.Exists(Path.GetDirectoryName(full))) return;
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(full)!, "*.partial").Where(file => IsAside(full, file)).ToArray())
            try { File.Delete(file); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is in nobody's way but that of whoever looks for space.
            }
    }

    /// <summary>Whether a path is one under which <see cref="Write"/> prepares another: <c>scores.csv.abcdefgh.1x2.partial</c>, but not <c>scores.csv.my.partial</c>.</summary>
    public static bool IsAside(string full, string aside) => aside.StartsWith(full, StringComparison.Ordinal) && AsideEnding().IsMatch(aside[full.Length..]);

    [GeneratedRegex(@"\A\.[a-z0-9]{8}\.[a-z0-9]{3}\.partial\z")]
    private static partial Regex AsideEnding();

    /// <summary>Where a file really is: renaming another one over a link would leave what it leads to as it was.</summary>
    public static string Target(string path)
    {
        var full = Path.GetFullPath(path);
        return new FileInfo(full).LinkTarget is null ? full : File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
    }

    /// <summary>Throws where a file could not be written, before any work is done for it; leaves nothing behind.</summary>
    /// <exception cref="DeviseInputException">The path is a folder, or cannot be written to.</exception>
    public static void CheckWritable(string path)
    {
        var full = Target(path);
        var probe = $"{full}.{Path.GetRandomFileName()}.probe";
        var made = MissingFolders(full);
        Create(path, full, probe).Dispose();
        File.Delete(probe);
        // Work that fails must not leave empty folders; that which does not makes them again.
        try { foreach (var folder in made) Directory.Delete(folder); }
        catch (IOException)
        {
            // Another process has just begun in it.
        }
    }

    /// <summary>The folders that are not there yet, the innermost first.</summary>
    private static string[] MissingFolders(string file)
    {
        var missing = new List<string>();
        for (var folder = Path.GetDirectoryName(file); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder)) missing.Add(folder);
        return [.. missing];
    }

    /// <summary>Writes text as UTF-8 without a byte-order mark and with <c>\n</c> line ends.</summary>
    public static void WriteText(string path, Action<TextWriter> write) => Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new System.Text.UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        write(writer);
    });

    /// <inheritdoc cref="WriteText(string, Action{TextWriter})"/>
    public static void WriteText(string path, string text) => WriteText(path, writer => writer.Write(text));

    private static void KeepMode(string older, FileStream stream)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(older)) return;
        var mode = File.GetUnixFileMode(older);
        // Where files have no modes of their own, setting one would fail.
        if (mode != File.GetUnixFileMode(stream.SafeFileHandle)) File.SetUnixFileMode(stream.SafeFileHandle, mode);
    }

    private static FileStream Create(string path, string full, string aside)
    {
        if (Directory.Exists(full)) throw new DeviseInputException($"{path}: a folder, expected a file");
        for (var tries = 1; ; tries++)
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                return new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
            }
            catch (DirectoryNotFoundException) when (tries < MostTries)
            {
                // Another process has just removed the folder that its probe had made.
            }
            catch (Exception e) when (e is UnauthorizedAccessException || e is IOException fault && !FileFaults.IsFailing(fault))
            {
                throw new DeviseInputException($"{path}: its folder cannot be written to: {e.Message}", e);
            }
    }
}

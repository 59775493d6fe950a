using MLNet.Devise.Data;

namespace MLNet.Devise.Training.Learning.Squares;

/// <summary>Tells versions of an image file apart without reading it.</summary>
internal static class FileStamp
{
    /// <summary>Hash of a name, and of the file's length and time of last change; of a link, those of the file that it leads to. Null where there is none.</summary>
    public static ulong? Of(string name, string path)
    {
        try
        {
            FileSystemInfo file = new FileInfo(path);
            if (file.LinkTarget is not null) file = file.ResolveLinkTarget(returnFinalTarget: true)!;
            return file is FileInfo { Exists: true } found ? StableHash.Of($"{name}\n{found.Length}\n{found.LastWriteTimeUtc.Ticks}", 0) : null;
        }
        // A link to itself, or through a folder that may not be entered.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }
}

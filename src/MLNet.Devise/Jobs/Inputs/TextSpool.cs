namespace MLNet.Devise.Jobs.Inputs;

/// <summary>Texts written aside to a temporary file, to be read again in the same order; the file goes with the object or the process.</summary>
internal sealed class TextSpool : IDisposable
{
    private const int Buffer = 1 << 14;

    private readonly FileStream _file;
    private readonly BinaryWriter _writer;
    private long _count;

    /// <exception cref="DeviseInputException">Temporary files cannot be written.</exception>
    public TextSpool()
    {
        _file = Try(() => new FileStream(Path.Combine(Path.GetTempPath(), $"devise-{Path.GetRandomFileName()}"),
            FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, Buffer, FileOptions.DeleteOnClose));
        _writer = new BinaryWriter(_file);
    }

    // Lengths stand before the texts: a file's name may hold a line break.
    public void Add(string text)
    {
        Try(() =>
        {
            _writer.Write(text);
            return true;
        });
        _count++;
    }

    /// <summary>What has been added so far.</summary>
    public IEnumerable<string> Read()
    {
        _writer.Flush();
        var count = _count;
        using var reader = new BinaryReader(new FileStream(_file.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, Buffer));
        for (var i = 0L; i < count; i++) yield return reader.ReadString();
    }

    public void Dispose() => _writer.Dispose();

    private static T Try<T>(Func<T> write)
    {
        try { return write(); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var variable = OperatingSystem.IsWindows() ? "TMP" : "TMPDIR";
            throw new DeviseInputException($"{Path.GetTempPath()}: the folder for temporary files, where the list of images is kept, cannot be written to: {e.Message}; set the variable {variable} to one that can", e);
        }
    }
}

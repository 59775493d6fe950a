using Microsoft.Win32.SafeHandles;
using MLNet.Devise.Data;

namespace MLNet.Devise.Jobs.Inputs;

/// <summary>Texts written aside to a temporary file, to be read again in the same order. The file has no name any more where the system allows that, so that it goes with the process however that ends.</summary>
internal sealed class TextSpool : IDisposable
{
    private const int Buffer = 1 << 14;

    private readonly FileStream _file;
    private readonly BinaryWriter _writer;
    private long _count;

    /// <exception cref="DeviseInputException">Temporary files cannot be written.</exception>
    public TextSpool()
    {
        _file = Try(() =>
        {
            var file = new FileStream(Path.Combine(Path.GetTempPath(), $"devise-{Path.GetRandomFileName()}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, Buffer, FileOptions.DeleteOnClose);
            // Windows deletes what a killed process leaves; elsewhere nobody would.
            if (!OperatingSystem.IsWindows()) File.Delete(file.Name);
            return file;
        });
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
        using var reader = new BinaryReader(new BufferedStream(new HandleStream(_file.SafeFileHandle), Buffer));
        for (var i = 0L; i < count; i++) yield return reader.ReadString();
    }

    public void Dispose() => _writer.Dispose();

    private static T Try<T>(Func<T> write)
    {
        try { return write(); }
        catch (Exception e) when (e is UnauthorizedAccessException || e is IOException fault && !FileFaults.IsFailing(fault))
        {
            var variable = OperatingSystem.IsWindows() ? "TMP" : "TMPDIR";
            throw new DeviseInputException($"{Path.GetTempPath()}: the folder for temporary files, where the list of images is kept, cannot be written to: {e.Message}; set the variable {variable} to one that can", e);
        }
    }

    /// <summary>Reads a file from its beginning by a handle that others read and write by, each at a place of its own.</summary>
    private sealed class HandleStream(SafeFileHandle file) : Stream
    {
        private long _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _at; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = RandomAccess.Read(file, buffer, _at);
            _at += read;
            return read;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

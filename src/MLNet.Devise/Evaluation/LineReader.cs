namespace MLNet.Devise.Evaluation;

/// <summary>Lines of a stream as bytes, without a string each; a line is at most 1 MB long, whatever the file holds.</summary>
internal sealed class LineReader(Stream stream, string name) : IDisposable
{
    private const int MaxLine = 1 << 20;

    private readonly byte[] _buffer = new byte[MaxLine + 1];
    private int _start, _end;
    private bool _ended;

    /// <summary>Number of the line last read, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The next line without its line end; valid until the next call.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            var rest = _buffer.AsSpan(_start, _end - _start);
            var length = rest.IndexOf((byte)'\n');
            if (length >= 0 || (_ended && rest.Length > 0))
            {
                line = length >= 0 ? rest[..length] : rest;
                _start += length >= 0 ? length + 1 : rest.Length;
                Number++;
                return true;
            }
            if (_ended) { line = default; return false; }
            if (rest.Length == _buffer.Length)
                throw new DeviseInputException($"{name}:{Number + 1}: a line of more than {MaxLine} bytes, expected lines 'child TAB parent'");
            rest.CopyTo(_buffer);
            (_start, _end) = (0, rest.Length);
            var read = stream.Read(_buffer, _end, _buffer.Length - _end);
            _end += read;
            _ended = read == 0;
        }
    }

    public void Dispose() => stream.Dispose();
}

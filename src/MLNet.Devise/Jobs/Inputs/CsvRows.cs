using CsvHelper;

namespace MLNet.Devise.Jobs.Inputs;

/// <summary>Reads a CSV file with a header (RFC 4180, UTF-8) row by row; says file and line of whatever is wrong.</summary>
internal sealed class CsvRows : IDisposable
{
    private static readonly CsvReaderOptions Options = new()
    {
        Separator = ',',
        MalformedData = CsvMalformedDataHandling.Throw,
        FieldCountMismatch = CsvFieldCountHandling.Throw,
        TrackLineNumbers = true,
        // An embedding of 4,096 values takes 50 KB; beyond 1 MB a quote was opened and never closed.
        MaxRecordSize = 1 << 20,
    };

    private readonly string _path;
    private readonly CsvReader _reader;

    public CsvRows(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such file");
        (_path, _reader) = (path, CsvReader.FromFile(path, Options));
        Header = Guarded(() =>
        {
            _reader.ReadHeader();
            return _reader.Headers.ToArray();
        });
    }

    /// <summary>The names of the first row; none in an empty file.</summary>
    public IReadOnlyList<string> Header { get; }

    /// <summary>A field of the row at hand, by its position.</summary>
    public string this[int column] => _reader.GetString(column);

    /// <summary>Moves to the next row; false at the end.</summary>
    public bool Read() => Guarded(_reader.Read);

    /// <summary>An error in the header.</summary>
    public DeviseInputException HeaderError(string expected) => new($"{_path}:1: header '{string.Join(',', Header)}', expected {expected}");

    /// <summary>An error in the row at hand.</summary>
    public DeviseInputException Error(string found, string expected) => new($"{_path}:{_reader.LineNumber}: {found}, expected {expected}");

    public void Dispose() => _reader.Dispose();

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CsvFormatException e)
        {
            throw new DeviseInputException($"{_path}:{e.LineNumber}: {e.Message} Expected as many fields as the header has, with quotes doubled inside quoted ones", e);
        }
    }
}

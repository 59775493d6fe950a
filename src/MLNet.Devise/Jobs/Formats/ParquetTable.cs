using ParquetSharp;
using ParquetSharp.Schema;

namespace MLNet.Devise.Jobs.Formats;

/// <summary>
/// A Parquet file, read row by row in small batches whatever the size of its row groups. What is wrong with the file becomes a
/// <see cref="DeviseInputException"/>; the reader underneath checks every offset and length.
/// </summary>
internal sealed class ParquetTable : IDisposable
{
    private const int Batch = 512;

    private readonly string _path;
    private readonly ParquetFileReader _reader;

    public ParquetTable(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such file");
        _path = path;
        _reader = Guarded(() =>
        {
            // Else the columns of a row group are held whole, as they lie in the file.
            using var properties = ReaderProperties.GetDefaultReaderProperties();
            properties.EnableBufferedStream();
            return new ParquetFileReader(path, properties);
        });
        Fields = Guarded(ReadFields);
    }

    /// <summary>The columns; of a nested one, one field a leaf.</summary>
    public IReadOnlyList<ParquetField> Fields { get; }

    /// <summary>The column of a name.</summary>
    /// <exception cref="DeviseInputException">There is none.</exception>
    public ParquetField Require(string name) => Find(name)
        ?? throw new DeviseInputException($"{_path}: columns {string.Join(", ", Fields.Select(field => field.Name).Distinct())}, expected a column '{name}' among them");

    /// <summary>The column of a name, or <see langword="null"/>.</summary>
    public ParquetField? Find(string name) => Fields.FirstOrDefault(field => field.Name == name);

    /// <summary>The rows' values in some columns; a list is an array.</summary>
    /// <param name="columns">Positions of leaves.</param>
    public IEnumerable<object?[]> Rows(IReadOnlyList<int> columns)
    {
        for (var group = 0; group < _reader.FileMetaData.NumRowGroups; group++)
        {
            using var rows = Guarded(() => _reader.RowGroup(group));
            var left = Guarded(() => rows.MetaData.NumRows);
            var readers = new List<IColumnReader>();
            try
            {
                foreach (var column in columns) readers.Add(Guarded(() => IColumnReader.Of(rows.Column(column))));
                for (; left > 0; left -= Batch)
                {
                    var count = (int)Math.Min(Batch, left);
                    var values = readers.ConvertAll(reader => Guarded(() => reader.Read(count)));
                    if (values.Exists(column => column.Length != count)) throw Broken("a column has fewer rows than its row group says", null);
                    for (var i = 0; i < count; i++) yield return Array.ConvertAll(values.ToArray(), column => column[i]);
                }
            }
            finally
            {
                foreach (var reader in readers) reader.Dispose();
            }
        }
    }

    /// <summary>An error about the file.</summary>
    public DeviseInputException Error(string found, string expected) => new($"{_path}: {found}, expected {expected}");

    public void Dispose() => _reader.Dispose();

    private ParquetField[] ReadFields()
    {
        var schema = _reader.FileMetaData.Schema;
        return [.. Enumerable.Range(0, schema.NumColumns).Select(i =>
        {
            using var root = schema.ColumnRoot(i);
            var column = schema.Column(i);
            return new ParquetField(i, root.Name, root is PrimitiveNode && column.MaxRepetitionLevel == 0, column.PhysicalType, column.LogicalType.ToString() ?? "");
        })];
    }

    private DeviseInputException Broken(string reason, Exception? cause) =>
        new($"{_path}: not a Parquet file that can be read: {reason.ReplaceLineEndings(" ")}; it is damaged or of another kind", cause!);

    private T Guarded<T>(Func<T> read)
    {
        try { return read(); }
        // The library has no common type for what a damaged file leads to; bare exceptions and failed casts are among it.
        catch (Exception e) when (e is not (DeviseInputException or IOException))
        {
            throw Broken(e.Message, e);
        }
    }
}

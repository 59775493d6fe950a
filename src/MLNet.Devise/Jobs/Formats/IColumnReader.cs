using ParquetSharp;

namespace MLNet.Devise.Jobs.Formats;

/// <summary>Reads a Parquet column whose type is known only at run time.</summary>
internal interface IColumnReader : IDisposable
{
    /// <summary>The next values, as many as are left at most, in the types of <see cref="Inputs.KeptType"/>; lists as arrays.</summary>
    object?[] Read(int count);

    public static IColumnReader Of(ColumnReader column)
    {
        try { return column.LogicalReader(Buffer).Apply(new Typed()); }
        catch
        {
            column.Dispose();
            throw;
        }
    }

    private const int Buffer = 512;

    private sealed class Typed : ILogicalColumnReaderVisitor<IColumnReader>
    {
        public IColumnReader OnLogicalColumnReader<T>(LogicalColumnReader<T> columnReader) => new Reader<T>(columnReader);
    }

    private sealed class Reader<T>(LogicalColumnReader<T> reader) : IColumnReader
    {
        private T[] _buffer = [];

        public object?[] Read(int count)
        {
            if (_buffer.Length < count) _buffer = new T[count];
            var read = 0;
            while (read < count && reader.HasNext && reader.ReadBatch(_buffer.AsSpan(read, count - read)) is > 0 and var more) read += more;
            return Array.ConvertAll(_buffer[..read], value => Widen(value));
        }

        public void Dispose()
        {
            reader.Dispose();
            reader.Source.Dispose();
        }

        private static object? Widen(object? value) => value switch
        {
            sbyte or byte or short or ushort => Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture),
            uint number => (long)number,
            // As they are written, or what goes through would not be what came.
            DateTime time => new DateTime(time.Ticks - time.Ticks % TimeSpan.TicksPerMicrosecond),
            DateTimeNanos time => Widen(time.DateTime),
            _ => value,
        };
    }
}

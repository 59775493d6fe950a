using MLNet.Devise.Jobs.Inputs;
using ParquetSharp;

namespace MLNet.Devise.Jobs.Formats;

/// <summary>Columns that go through, in Parquet.</summary>
internal static class KeptParquet
{
    public static Column Column(KeptColumn column) => column.Type switch
    {
        KeptType.Text => new Column<string>(column.Name),
        KeptType.Boolean => new Column<bool?>(column.Name),
        KeptType.Int32 => new Column<int?>(column.Name),
        KeptType.Int64 => new Column<long?>(column.Name),
        KeptType.Single => new Column<float?>(column.Name),
        KeptType.Double => new Column<double?>(column.Name),
        _ => new Column<DateTime?>(column.Name, LogicalType.Timestamp(isAdjustedToUtc: column.Type == KeptType.UtcTime, TimeUnit.Micros)),
    };

    public static void Write(ColumnWriter column, KeptType type, object?[] values)
    {
        switch (type)
        {
            case KeptType.Text: Put<string?>(column, values); break;
            case KeptType.Boolean: Put<bool?>(column, values); break;
            case KeptType.Int32: Put<int?>(column, values); break;
            case KeptType.Int64: Put<long?>(column, values); break;
            case KeptType.Single: Put<float?>(column, values); break;
            case KeptType.Double: Put<double?>(column, values); break;
            default: Put<DateTime?>(column, values); break;
        }
    }

    private static void Put<T>(ColumnWriter column, object?[] values)
    {
        using var logical = column.LogicalWriter<T>();
        logical.WriteBatch(Array.ConvertAll(values, value => (T)value!));
    }
}

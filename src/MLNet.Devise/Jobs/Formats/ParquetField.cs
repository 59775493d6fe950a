using MLNet.Devise.Jobs.Inputs;
using ParquetSharp;

namespace MLNet.Devise.Jobs.Formats;

/// <summary>A column of a Parquet file.</summary>
/// <param name="Column">Position among the leaves.</param>
/// <param name="Name">Name of the column that the leaf belongs to.</param>
/// <param name="Flat">Whether it is neither a list nor nested.</param>
/// <param name="Physical">How values are stored.</param>
/// <param name="Logical">What they mean, in Parquet's words; <c>None</c> where nothing is said.</param>
internal sealed record ParquetField(int Column, string Name, bool Flat, PhysicalType Physical, string Logical)
{
    /// <summary>For messages.</summary>
    public string Description => $"{(Flat ? "" : "a list or nested, of ")}{Physical}{(Logical is "None" or "" ? "" : $" ({Logical})")}";

    /// <summary>The type its values pass through as; <see langword="null"/> where they cannot.</summary>
    public KeptType? Type => !Flat ? null : (Physical, Kind) switch
    {
        (PhysicalType.ByteArray, "String" or "Enum" or "JSON" or "UTF8") => KeptType.Text,
        (PhysicalType.Boolean, "None") => KeptType.Boolean,
        (PhysicalType.Int32, "None") => KeptType.Int32,
        (PhysicalType.Int32, "Int") => Logical.Contains("bitWidth=32", StringComparison.Ordinal) && Logical.Contains("isSigned=false", StringComparison.Ordinal) ? KeptType.Int64 : KeptType.Int32,
        (PhysicalType.Int64, "None") => KeptType.Int64,
        (PhysicalType.Int64, "Int") => Logical.Contains("isSigned=false", StringComparison.Ordinal) ? null : KeptType.Int64,
        (PhysicalType.Float, "None") => KeptType.Single,
        (PhysicalType.Double, "None") => KeptType.Double,
        (PhysicalType.Int64, "Timestamp") => Logical.Contains("isAdjustedToUTC=true", StringComparison.OrdinalIgnoreCase) ? KeptType.UtcTime : KeptType.Time,
        _ => null,
    };

    private string Kind => Logical.Split('(')[0] is { Length: > 0 } kind ? kind : "None";
}

using Microsoft.ML.Data;

namespace MLNet.Devise.Scoring;

/// <summary>A row of one path, for data made in memory.</summary>
internal sealed class PathRow
{
    public string Path { get; set; } = "";

    /// <summary>The schema of such rows with the column called otherwise.</summary>
    public static SchemaDefinition Named(string column)
    {
        var definition = SchemaDefinition.Create(typeof(PathRow));
        definition[0].ColumnName = column;
        return definition;
    }
}

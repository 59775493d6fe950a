using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Devise.Scoring.Rows;

/// <summary>A column that a transformer reads: checked against a pipeline's shape before there is data, and against the data.</summary>
/// <param name="Name">The column.</param>
/// <param name="ItemType">Type of the value, or of a vector's items.</param>
/// <param name="Length">Items of the vector; 0 for a single value.</param>
internal sealed record InputColumn(string Name, PrimitiveDataViewType ItemType, int Length = 0)
{
    private string Expected => Length == 0 ? $"{ItemType}" : $"Vector<{ItemType}, {Length}>";

    /// <summary>Shapes know no lengths: those are checked on the data.</summary>
    public void Check(SchemaShape shape)
    {
        var column = shape.Where(column => column.Name == Name).Cast<SchemaShape.Column?>().LastOrDefault()
            ?? throw Missing(shape.Select(column => column.Name));
        var kind = Length == 0 ? SchemaShape.Column.VectorKind.Scalar : SchemaShape.Column.VectorKind.Vector;
        if (column.Kind != kind || !column.ItemType.Equals(ItemType) || column.IsKey) throw Wrong($"{column.Kind} of {column.ItemType}");
    }

    /// <summary>Checks the column of the data.</summary>
    public void Check(DataViewSchema schema)
    {
        var type = (schema.GetColumnOrNull(Name) ?? throw Missing(schema.Select(column => column.Name))).Type;
        var fits = Length == 0 ? type.Equals(ItemType) : type is VectorDataViewType vector && vector.ItemType.Equals(ItemType) && vector.Size == Length;
        if (!fits) throw Wrong($"{type}");
    }

    private DeviseInputException Missing(IEnumerable<string> names) =>
        new($"column '{Name}': not among the columns {string.Join(", ", names.Distinct())}, expected {Expected}");

    private DeviseInputException Wrong(string found) => new($"column '{Name}': {found}, expected {Expected}");
}

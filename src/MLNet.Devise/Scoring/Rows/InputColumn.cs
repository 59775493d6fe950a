using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.Devise.Scoring.Rows;

/// <summary>A column that a transformer reads: checked against a pipeline's shape before there is data, and against the data.</summary>
/// <param name="Name">The column.</param>
internal abstract record InputColumn(string Name)
{
    /// <summary>The type in words, for messages.</summary>
    protected abstract string Expected { get; }

    protected abstract bool Fits(DataViewType type);

    protected abstract bool Fits(SchemaShape.Column column);

    /// <summary>Shapes know no lengths: those are checked on the data.</summary>
    public void Check(SchemaShape shape)
    {
        var column = shape.Where(column => column.Name == Name).Cast<SchemaShape.Column?>().LastOrDefault()
            ?? throw Missing(shape.Select(column => column.Name));
        if (!Fits(column)) throw Wrong($"{column.Kind} of {column.ItemType}");
    }

    /// <summary>Checks the column of the data.</summary>
    public void Check(DataViewSchema schema)
    {
        var type = (schema.GetColumnOrNull(Name) ?? throw Missing(schema.Select(column => column.Name))).Type;
        if (!Fits(type)) throw Wrong($"{type}");
    }

    private DeviseInputException Missing(IEnumerable<string> names) =>
        new($"column '{Name}': not among the columns {string.Join(", ", names.Distinct())}, expected {Expected}");

    private DeviseInputException Wrong(string found) => new($"column '{Name}': {found}, expected {Expected}");
}

/// <summary>A column of single values, or of vectors of one length.</summary>
/// <param name="Name">The column.</param>
/// <param name="ItemType">Type of the value, or of a vector's items.</param>
/// <param name="Length">Items of the vector; 0 for a single value.</param>
internal sealed record ValueColumn(string Name, PrimitiveDataViewType ItemType, int Length = 0) : InputColumn(Name)
{
    protected override string Expected => Length == 0 ? $"{ItemType}" : $"Vector<{ItemType}, {Length}>";

    protected override bool Fits(DataViewType type) =>
        Length == 0 ? type.Equals(ItemType) : type is VectorDataViewType vector && vector.ItemType.Equals(ItemType) && vector.Size == Length;

    protected override bool Fits(SchemaShape.Column column)
    {
        var kind = Length == 0 ? SchemaShape.Column.VectorKind.Scalar : SchemaShape.Column.VectorKind.Vector;
        return column.Kind == kind && column.ItemType.Equals(ItemType) && !column.IsKey;
    }
}

/// <summary>How a column holds images.</summary>
internal enum ImageKind { Path, Image, Bytes }

/// <summary>A column of images: paths, decoded images, or the bytes of image files.</summary>
/// <param name="Name">The column.</param>
/// <param name="Kind">Which of these; <see langword="null"/> for any.</param>
internal sealed record ImageColumn(string Name, ImageKind? Kind = null) : InputColumn(Name)
{
    protected override string Expected => Kind switch
    {
        ImageKind.Path => "String",
        ImageKind.Image => "Image",
        ImageKind.Bytes => "Vector<Byte>",
        _ => "String (paths), Image, or Vector<Byte> (files)",
    };

    /// <summary>How a type holds images; <see langword="null"/> where it does not.</summary>
    public static ImageKind? KindOf(DataViewType type) => type switch
    {
        TextDataViewType => ImageKind.Path,
        ImageDataViewType => ImageKind.Image,
        VectorDataViewType vector when vector.ItemType.Equals(NumberDataViewType.Byte) => ImageKind.Bytes,
        _ => null,
    };

    protected override bool Fits(DataViewType type) => KindOf(type) is { } kind && (Kind is null || kind == Kind);

    protected override bool Fits(SchemaShape.Column column)
    {
        ImageKind? kind = column.Kind != SchemaShape.Column.VectorKind.Scalar
            ? column.ItemType.Equals(NumberDataViewType.Byte) && !column.IsKey ? ImageKind.Bytes : null
            : KindOf(column.ItemType);
        return kind is not null && (Kind is null || kind == Kind);
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.Devise.Scoring.Rows;

/// <summary>
/// Makes <see cref="SchemaShape.Column"/>s. Its constructor is ML.NET's own, so a stock estimator that adds the same column is asked
/// for its output shape instead.
/// </summary>
internal static class ColumnShape
{
    public static SchemaShape.Column Of(DataViewSchema.DetachedColumn column) => column.Type switch
    {
        TextDataViewType => Of<Text>(column),
        ImageDataViewType => Of<Image>(column),
        KeyDataViewType => Of<Key>(column),
        VectorDataViewType { ItemType: TextDataViewType } => Of<Texts>(column),
        VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Single => Of<Numbers>(column),
        VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Byte => Of<Bytes>(column),
        _ => throw new NotSupportedException($"column '{column.Name}' of type {column.Type}"),
    };

    private static SchemaShape.Column Of<T>(DataViewSchema.DetachedColumn column) where T : class, new()
    {
        var definition = SchemaDefinition.Create(typeof(T));
        (definition[0].ColumnName, definition[0].ColumnType) = (column.Name, column.Type);
        foreach (var annotation in column.Annotations.Schema)
            if (annotation.Type is VectorDataViewType { ItemType: TextDataViewType })
                definition[0].AddAnnotation(annotation.Name, default(VBuffer<ReadOnlyMemory<char>>), annotation.Type);
        return new MLContext().Transforms.CustomMapping<None, T>((_, _) => { }, null, null, definition).GetOutputSchema(new([])).Single(shape => shape.Name == column.Name);
    }

    private sealed class None;
    private sealed class Text { public string? Value { get; set; } }
    private sealed class Image { [ImageType(1, 1)] public MLImage? Value { get; set; } }
    private sealed class Key { [KeyType(1)] public uint Value { get; set; } }
    private sealed class Texts { public VBuffer<ReadOnlyMemory<char>> Value { get; set; } }
    private sealed class Bytes { public VBuffer<byte> Value { get; set; } }
    private sealed class Numbers { public VBuffer<float> Value { get; set; } }
}

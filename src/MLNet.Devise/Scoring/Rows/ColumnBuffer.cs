using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.Devise.Scoring.Rows;

/// <summary>The values of a column for some rows, kept while the cursor they came from runs ahead.</summary>
internal abstract class ColumnBuffer : IDisposable
{
    /// <summary>An empty buffer for a column that is active in <paramref name="input"/>.</summary>
    public static ColumnBuffer Of(DataViewRow input, DataViewSchema.Column column, int capacity)
    {
        var kind = column.Type switch
        {
            ImageDataViewType => typeof(ImageBuffer),
            VectorDataViewType vector => typeof(VectorBuffer<>).MakeGenericType(vector.ItemType.RawType),
            _ => typeof(ValueBuffer<>).MakeGenericType(column.Type.RawType),
        };
        return (ColumnBuffer)Activator.CreateInstance(kind, input, column, capacity)!;
    }

    /// <summary>Keeps the value of the input's row at hand.</summary>
    public abstract void Read(int row);

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}

internal abstract class ColumnBuffer<T>(DataViewRow input, DataViewSchema.Column column, int capacity) : ColumnBuffer
{
    private readonly ValueGetter<T> _getter = input.GetGetter<T>(column);

    protected T[] Values { get; } = new T[capacity];

    /// <summary>Gives a row's value as a getter must: the receiver's own, unchanged when the buffer is filled anew.</summary>
    public abstract void Copy(int row, ref T value);

    public override void Read(int row) => _getter(ref Values[row]);
}

/// <summary>Numbers, keys and texts (which ML.NET never changes in place). Objects of other types are handed on, and made anew for each row.</summary>
internal sealed class ValueBuffer<T>(DataViewRow input, DataViewSchema.Column column, int capacity) : ColumnBuffer<T>(input, column, capacity)
{
    public override void Copy(int row, ref T value) => value = Values[row];

    public override void Read(int row)
    {
        Values[row] = default!;
        base.Read(row);
    }
}

internal sealed class VectorBuffer<T>(DataViewRow input, DataViewSchema.Column column, int capacity) : ColumnBuffer<VBuffer<T>>(input, column, capacity)
{
    public override void Copy(int row, ref VBuffer<T> value) => Values[row].CopyTo(ref value);
}

/// <summary>Images belong to who asked for them, so each who asks gets one.</summary>
internal sealed class ImageBuffer(DataViewRow input, DataViewSchema.Column column, int capacity) : ColumnBuffer<MLImage?>(input, column, capacity)
{
    public override void Copy(int row, ref MLImage? value)
    {
        value?.Dispose();
        value = Values[row] is { } image ? MLImage.CreateFromPixels(image.Width, image.Height, image.PixelFormat, image.Pixels) : null;
    }

    public override void Dispose()
    {
        foreach (var image in Values) image?.Dispose();
        Array.Clear(Values);
        base.Dispose();
    }
}

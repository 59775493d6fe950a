using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.Devise.Scoring.Rows;

/// <summary>The values of a column for some rows, kept while the cursor they came from runs ahead.</summary>
internal abstract class ColumnBuffer
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
}

internal abstract class ColumnBuffer<T>(DataViewRow input, DataViewSchema.Column column, int capacity) : ColumnBuffer
{
    protected ValueGetter<T> Getter { get; } = input.GetGetter<T>(column);

    protected T[] Values { get; } = new T[capacity];

    /// <summary>Gives a row's value as a getter must: the receiver's own, unchanged when the buffer is filled anew.</summary>
    public abstract void Copy(int row, ref T value);

    public override void Read(int row) => Getter(ref Values[row]);
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

/// <summary>
/// Images are handed on as their maker means it. One who gives the same object each time he is asked keeps it, as a list in memory does;
/// one who makes a new one leaves it to who asked, and frees it when it is given back.
/// </summary>
internal sealed class ImageBuffer(DataViewRow input, DataViewSchema.Column column, int capacity) : ColumnBuffer<MLImage?>(input, column, capacity)
{
    private bool? _kept;

    public override void Read(int row)
    {
        base.Read(row);
        if (_kept is not null || Values[row] is not { } image) return;
        MLImage? again = null;
        Getter(ref again);
        _kept = ReferenceEquals(image, again);
        if (_kept is false) again?.Dispose();
    }

    public override void Copy(int row, ref MLImage? value)
    {
        if (_kept is true) value = Values[row];
        else
        {
            value?.Dispose();
            value = Values[row] is { } image ? MLImage.CreateFromPixels(image.Width, image.Height, image.PixelFormat, image.Pixels) : null;
        }
    }
}

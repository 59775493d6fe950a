using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Devise.Evaluation.Views;

/// <summary>Reads a column of text, or of keys whose values are text, as strings; null where a key is missing.</summary>
internal static class TextGetter
{
    /// <exception cref="DeviseInputException">The column is of another type.</exception>
    public static Func<string?> Of(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        if (column.Type is TextDataViewType)
        {
            var (read, text) = (cursor.GetGetter<ReadOnlyMemory<char>>(column), default(ReadOnlyMemory<char>));
            return () =>
            {
                read(ref text);
                return text.ToString();
            };
        }
        if (column.Type is KeyDataViewType && column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.KeyValues) is { Type: VectorDataViewType { ItemType: TextDataViewType } })
        {
            VBuffer<ReadOnlyMemory<char>> values = default;
            column.GetKeyValues(ref values);
            string[] names = [.. values.DenseValues().Select(name => name.ToString())];
            var (read, key) = (KeyGetter(cursor, column), 0u);
            return () =>
            {
                read(ref key);
                return key == 0 || key > names.Length ? null : names[key - 1];
            };
        }
        throw new DeviseInputException($"column '{column.Name}': {column.Type}, expected Text, or a key with values of text");
    }

    private static ValueGetter<uint> KeyGetter(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        if (column.Type.RawType == typeof(uint)) return cursor.GetGetter<uint>(column);
        if (column.Type.RawType == typeof(byte))
        {
            var (read, small) = (cursor.GetGetter<byte>(column), default(byte));
            return (ref uint key) => { read(ref small); key = small; };
        }
        if (column.Type.RawType == typeof(ushort))
        {
            var (read, small) = (cursor.GetGetter<ushort>(column), default(ushort));
            return (ref uint key) => { read(ref small); key = small; };
        }
        throw new DeviseInputException($"column '{column.Name}': keys of {column.Type.RawType.Name}, expected Byte, UInt16 or UInt32");
    }

    private static class AnnotationUtils
    {
        /// <summary>As <c>AnnotationUtils.Kinds.KeyValues</c>, which ML.NET keeps to itself.</summary>
        public const string KeyValues = "KeyValues";
    }
}

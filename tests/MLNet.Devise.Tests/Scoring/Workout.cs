using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Tests.Scoring;

/// <summary>What holds for every estimator of ours, whatever it computes.</summary>
internal static class Workout
{
    public static SchemaShape Shape(DataViewSchema schema) =>
        new(schema.Where(column => !column.IsHidden).Select(column => ColumnShape.Of(new(column.Name, column.Type, column.Annotations))));

    /// <summary>Fits, transforms, and walks the data in every way that ML.NET walks it.</summary>
    /// <param name="estimator">The estimator.</param>
    /// <param name="data">Data that suits it; its column <c>Path</c> names the rows.</param>
    /// <param name="read">A column that it adds, read for comparison.</param>
    public static void Run<T>(IEstimator<ITransformer> estimator, IDataView data, string read) where T : notnull
    {
        var model = estimator.Fit(data);
        var view = model.Transform(data);
        var promised = estimator.GetOutputSchema(Shape(data.Schema));
        Assert.Equal(Visible(view.Schema).Select(Describe).Order(StringComparer.Ordinal), promised.Select(Describe).Order(StringComparer.Ordinal));
        Assert.Equal(Visible(view.Schema).Select(column => column.Name), Visible(model.GetOutputSchema(data.Schema)).Select(column => column.Name));
        Assert.Equal(data.GetRowCount(), view.GetRowCount());

        var context = new MLContext(seed: 3);
        var expected = Rows<T>(view, read);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Rows<T>(view, read));
        Same(expected.Skip(1).Take(2), Rows<T>(context.Data.TakeRows(context.Data.SkipRows(view, 1), 2), read));
        Same(expected.OrderBy(row => row.Path), Rows<T>(model.Transform(context.Data.ShuffleRows(data, seed: 1)), read).OrderBy(row => row.Path));
        // ML.NET drops image columns when it shuffles or caches.
        if (typeof(T) != typeof(MLImage))
        {
            Same(expected.OrderBy(row => row.Path), Rows<T>(context.Data.ShuffleRows(view, seed: 1), read).OrderBy(row => row.Path));
            Same(expected, Rows<T>(context.Data.Cache(view), read));
        }
        Same(expected, Rows<T>(model.Transform(context.Data.Cache(data)), read));
        Same(expected.OrderBy(row => row.Path), CursorSet<T>(view, read).OrderBy(row => row.Path));
        Same(expected, Interleaved<T>(view, read));
        EarlyDispose<T>(view, read);
        Assert.Throws<InvalidOperationException>(() => Inactive<T>(view, read));
        Assert.Throws<InvalidOperationException>(() => WrongType(view, read));
    }

    /// <summary>The rows by path, in order; values as text, for vectors and images know no equality.</summary>
    public static List<(string Path, string Value)> Rows<T>(IDataView view, string read) where T : notnull
    {
        var columns = new[] { view.Schema["Path"], view.Schema[read] };
        using var cursor = view.GetRowCursor(columns);
        return Drain<T>(cursor, columns);
    }

    private static List<(string Path, string Value)> CursorSet<T>(IDataView view, string read) where T : notnull
    {
        var columns = new[] { view.Schema["Path"], view.Schema[read] };
        var rows = new List<(string Path, string Value)>();
        foreach (var cursor in view.GetRowCursorSet(columns, 2))
            using (cursor) rows.AddRange(Drain<T>(cursor, columns));
        return rows;
    }

    /// <summary>Two cursors at once, one a row behind the other.</summary>
    private static List<(string Path, string Value)> Interleaved<T>(IDataView view, string read) where T : notnull
    {
        var columns = new[] { view.Schema["Path"], view.Schema[read] };
        using var ahead = view.GetRowCursor(columns);
        using var behind = view.GetRowCursor(columns);
        var (skip, take) = (Reader<T>(ahead, columns), Reader<T>(behind, columns));
        var rows = new List<(string Path, string Value)>();
        if (ahead.MoveNext()) skip();
        while (behind.MoveNext())
        {
            if (ahead.MoveNext()) skip();
            rows.Add(take());
        }
        return rows;
    }

    private static void EarlyDispose<T>(IDataView view, string read) where T : notnull
    {
        var columns = new[] { view.Schema["Path"], view.Schema[read] };
        view.GetRowCursor(columns).Dispose();
        using var cursor = view.GetRowCursor(columns);
        Assert.True(cursor.MoveNext());
        Reader<T>(cursor, columns)();
    }

    private static void Inactive<T>(IDataView view, string read)
    {
        using var cursor = view.GetRowCursor([view.Schema["Path"]]);
        Assert.False(cursor.IsColumnActive(view.Schema[read]));
        cursor.GetGetter<T>(view.Schema[read]);
    }

    private static void WrongType(IDataView view, string read)
    {
        using var cursor = view.GetRowCursor([view.Schema[read]]);
        cursor.GetGetter<DataViewRowId>(view.Schema[read]);
    }

    private static List<(string Path, string Value)> Drain<T>(DataViewRowCursor cursor, DataViewSchema.Column[] columns) where T : notnull
    {
        var reader = Reader<T>(cursor, columns);
        var rows = new List<(string Path, string Value)>();
        while (cursor.MoveNext()) rows.Add(reader());
        return rows;
    }

    private static Func<(string, string)> Reader<T>(DataViewRowCursor cursor, DataViewSchema.Column[] columns) where T : notnull
    {
        var (path, value) = (cursor.GetGetter<ReadOnlyMemory<char>>(columns[0]), cursor.GetGetter<T>(columns[1]));
        ReadOnlyMemory<char> name = default;
        T item = default!;
        return () =>
        {
            path(ref name);
            value(ref item);
            return (name.ToString(), Text(item));
        };
    }

    private static string Text<T>(T value) => value switch
    {
        VBuffer<float> numbers => string.Join(' ', numbers.DenseValues()),
        VBuffer<ReadOnlyMemory<char>> texts => string.Join(' ', texts.DenseValues()),
        MLImage image => Pixels(image),
        null => "null",
        _ => value.ToString()!,
    };

    private static string Pixels(MLImage image)
    {
        var text = Convert.ToHexString(image.Pixels);
        GC.KeepAlive(image);
        return text;
    }

    private static void Same(IEnumerable<(string, string)> expected, IEnumerable<(string, string)> actual) => Assert.Equal(expected, actual);

    private static IEnumerable<DataViewSchema.Column> Visible(DataViewSchema schema) => schema.Where(column => !column.IsHidden);

    private static string Describe(DataViewSchema.Column column) =>
        $"{column.Name} {(column.Type is VectorDataViewType vector ? $"{(vector.IsKnownSize ? "Vector" : "VariableVector")} {vector.ItemType.RawType.Name}" : $"Scalar {column.Type.RawType.Name}")} {column.HasSlotNames()}";

    private static string Describe(SchemaShape.Column column) =>
        $"{column.Name} {column.Kind} {column.ItemType.RawType.Name} {column.Annotations.Any(annotation => annotation.Name == "SlotNames")}";
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Tests.Scoring.Embedding;

/// <summary>What reading ahead must not change, and where it must stop.</summary>
public sealed class EmbeddingCursorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new();
    private readonly ModelBundle _bundle;

    public EmbeddingCursorTests() => _bundle = TinyBundle.Write(_folder["bundle"]);

    private sealed class PathRow { public string Path { get; set; } = ""; }
    private class Everything
    {
        public string Path { get; set; } = "";
        public int Number { get; set; }
        public double[] Vector { get; set; } = [];
        public string[] Texts { get; set; } = [];
        [KeyType(100)] public uint Key { get; set; }
        public DateTime Time { get; set; }
        [ImageType(1, 1)] public MLImage? Image { get; set; }
    }
    private sealed class EverythingAndMore : Everything { public string Status { get; set; } = ""; }

    [Fact]
    public void Columns_of_every_type_stay_beside_their_rows()
    {
        var rows = Enumerable.Range(0, 30).Select(i => new Everything
        {
            Path = Picture(i),
            Number = i,
            Vector = [.. Enumerable.Range(0, i % 5).Select(j => i + j / 10.0)],
            Texts = [.. Enumerable.Range(0, i % 3).Select(j => $"{i} {j}")],
            Key = (uint)i,
            Time = new DateTime(2026, 1, 1).AddDays(i),
            Image = i % 4 == 0 ? null : MLImage.CreateFromPixels(1, 1, MLPixelFormat.Bgra32, [(byte)i, 1, 2, 255]),
        }).ToList();
        var data = _context.Data.LoadFromEnumerable(rows);
        using var model = (IDisposable)_context.Transforms.EmbedImages(_bundle, new() { Workers = 2, BatchSize = 3 }).Fit(data);
        // The second time over the same objects: none of them was let go.
        for (var turn = 0; turn < 2; turn++)
        {
            var read = _context.Data.CreateEnumerable<EverythingAndMore>(((ITransformer)model).Transform(data), reuseRowObject: false).ToList();
            Assert.Equal(rows.Count, read.Count);
            foreach (var (expected, found) in rows.Zip(read))
            {
                // ML.NET takes keys from 0 and gives them from 1.
                Assert.Equal((expected.Path, expected.Number, expected.Key + 1, expected.Time, "ok"), (found.Path, found.Number, found.Key, found.Time, found.Status));
                Assert.Equal(expected.Vector, found.Vector);
                Assert.Equal(expected.Texts, found.Texts);
                Assert.Equal(expected.Image?.Pixels.ToArray(), found.Image?.Pixels.ToArray());
            }
        }
    }

    [Fact]
    public void Positions_and_ids_are_those_of_the_data()
    {
        var data = Data([.. Enumerable.Range(0, 20).Select(Picture)]);
        using var model = (IDisposable)_context.Transforms.EmbedImages(_bundle, new() { BatchSize = 3 }).Fit(data);
        var view = ((ITransformer)model).Transform(data);
        using var ours = view.GetRowCursor(view.Schema);
        using var plain = data.GetRowCursor(data.Schema);
        var (id, expected) = (ours.GetIdGetter(), plain.GetIdGetter());
        Assert.Equal(-1, ours.Position);
        while (plain.MoveNext())
        {
            Assert.True(ours.MoveNext());
            DataViewRowId a = default, b = default;
            id(ref a);
            expected(ref b);
            Assert.Equal((plain.Position, plain.Batch, b), (ours.Position, ours.Batch, a));
        }
        Assert.False(ours.MoveNext());
        Assert.False(ours.MoveNext());
        Assert.Equal(-1, ours.Position);
    }

    [Fact]
    public void Endless_data_is_read_a_few_batches_ahead_and_may_be_left()
    {
        var read = 0;
        var path = Picture(1);
        var data = _context.Data.LoadFromEnumerable(Endless());
        using var model = (IDisposable)_context.Transforms.EmbedImages(_bundle, new() { Workers = 2, BatchSize = 4 }).Fit(data);
        var view = ((ITransformer)model).Transform(data);
        using (var cursor = view.GetRowCursor(view.Schema))
            for (var i = 0; i < 200; i++)
            {
                Assert.True(cursor.MoveNext());
                Assert.InRange(read - i, 0, 2 * 2 * 4 + 4 + 1);
            }
        var before = read;
        Assert.Equal(3, _context.Data.TakeRows(view, 3).GetColumn<string>(Columns.Status).Count());
        Assert.InRange(read - before, 3, 10);

        IEnumerable<PathRow> Endless()
        {
            while (true)
            {
                read++;
                yield return new() { Path = path };
            }
        }
    }

    [Fact]
    public void Cancelling_ends_reading_with_the_usual_exception()
    {
        using var source = new CancellationTokenSource();
        var data = Data([.. Enumerable.Repeat(Picture(1), 500)]);
        using var model = (IDisposable)_context.Transforms.EmbedImages(_bundle, new() { Cancellation = source.Token }).Fit(data);
        var view = ((ITransformer)model).Transform(data);
        using var cursor = view.GetRowCursor(view.Schema);
        Assert.True(cursor.MoveNext());
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            while (cursor.MoveNext()) { }
        });
    }

    [Fact]
    public void A_disposed_model_says_so_and_one_disposed_under_a_cursor_does_no_harm()
    {
        var data = Data([.. Enumerable.Repeat(Picture(1), 100)]);
        var model = _context.Transforms.EmbedImages(_bundle).Fit(data);
        var view = model.Transform(data);
        using var cursor = view.GetRowCursor(view.Schema);
        Assert.True(cursor.MoveNext());
        ((IDisposable)model).Dispose();
        ((IDisposable)model).Dispose();
        Assert.Throws<ObjectDisposedException>(() =>
        {
            while (cursor.MoveNext()) { }
        });
        Assert.Throws<ObjectDisposedException>(() => view.GetColumn<string>(Columns.Status).Count());
    }

    [Fact]
    public void Several_cursors_on_several_threads_read_the_same()
    {
        var data = Data([.. Enumerable.Range(0, 40).Select(Picture)]);
        using var model = (IDisposable)_context.Transforms.EmbedImages(_bundle).Fit(data);
        var view = ((ITransformer)model).Transform(data);
        var expected = Workout.Rows<VBuffer<float>>(view, Columns.Embedding);
        Parallel.For(0, 6, _ => Assert.Equal(expected, Workout.Rows<VBuffer<float>>(view, Columns.Embedding)));
    }

    [Fact]
    public void Other_columns_are_had_without_opening_a_file()
    {
        var data = Data(_folder["missing.png"]);
        using var model = (IDisposable)_context.Transforms.EmbedImages(_bundle, new() { BadImages = BadImagePolicy.Throw }).Fit(data);
        Assert.Single(((ITransformer)model).Transform(data).GetColumn<string>("Path"));
    }

    public void Dispose() => _folder.Dispose();

    private string Picture(int seed) => Pictures.Save(_folder[$"{seed}.png"], 10 + seed % 7, 12, seed);

    private IDataView Data(params string[] paths) => _context.Data.LoadFromEnumerable(paths.Select(path => new PathRow { Path = path }).ToList());
}

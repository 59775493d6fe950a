using MLNet.Devise.Jobs;
using MLNet.Devise.Scoring;
using ParquetSharp;

namespace MLNet.Devise.Tests.Jobs;

public sealed class ParquetScoresTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void More_rows_than_a_row_group_read_back_in_order()
    {
        ScoreFile.Write(_folder["a.parquet"], Rows(10_000), embeddings: true);
        var number = 0;
        foreach (var row in ScoreFile.Read(_folder["a.parquet"]))
        {
            Assert.Equal($"{number}.jpg", row.Path);
            Assert.Equal(number % 5 == 0 ? null : [number, 1f, 2f], row.Embedding?.ToArray());
            number++;
        }
        Assert.Equal(10_000, number);
    }

    [Fact]
    public void Lists_that_other_programs_wrote_with_nulls_or_doubles_are_read()
    {
        Column[] columns = [new Column<string>("Error"), new Column<string>("Path"), new Column<string>("Status"), new Column<string[]>("Labels"), new Column<double?[]>("Scores"), new Column<float?[]>("Embedding"), new Column<int[]>("Other")];
        using (var writer = new ParquetFileWriter(_folder["a.parquet"], columns))
        {
            using var group = writer.AppendRowGroup();
            Put("");
            Put("a.jpg");
            Put("ok");
            Put(new[] { "x", "y" });
            Put(new double?[] { 0.5, 0.25 });
            Put(new float?[] { 0, 1 });
            Put(new[] { 1 });
            writer.Close();

            void Put<T>(T value)
            {
                using var column = group.NextColumn();
                using var logical = column.LogicalWriter<T>();
                logical.WriteBatch([value]);
            }
        }
        var row = Assert.Single(ScoreFile.Read(_folder["a.parquet"]));
        Assert.Equal(("a.jpg", ImageStatus.Ok), (row.Path, row.Status));
        Assert.Equal([0.5f, 0.25f], row.Scores);
        Assert.Equal([0f, 1f], row.Embedding!.Value.ToArray());
    }

    [Fact]
    public void A_damaged_file_is_an_error_of_the_users_or_rows_and_nothing_else()
    {
        ScoreFile.Write(_folder["a.parquet"], Rows(300), embeddings: true);
        var (bytes, random, refused) = (File.ReadAllBytes(_folder["a.parquet"]), new Random(1), 0);
        for (var trial = 0; trial < 400; trial++)
        {
            var copy = trial % 8 == 7 ? bytes[..random.Next(bytes.Length)] : (byte[])bytes.Clone();
            // Every other time in the footer, where the offsets are.
            for (var i = 0; i < 1 + trial % 4 && copy.Length > 0; i++) copy[trial % 2 == 0 ? Math.Max(0, copy.Length - 1 - random.Next(1500)) : random.Next(copy.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(_folder["b.parquet"], copy);
            try { Assert.InRange(ScoreFile.Read(_folder["b.parquet"]).Count(), 0, 300); }
            catch (DeviseInputException error)
            {
                Assert.StartsWith($"{_folder["b.parquet"]}: ", error.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        Assert.InRange(refused, 100, 400);
    }

    [Fact]
    public void A_file_of_other_columns_or_values_is_named()
    {
        using (var writer = new ParquetFileWriter(_folder["a.parquet"], [new Column<string>("Path"), new Column<int>("Status")])) writer.Close();
        Assert.Contains("columns Path, Status, expected a column 'Error' among them", Assert.Throws<DeviseInputException>(() => ScoreFile.Read(_folder["a.parquet"]).Count()).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<ScoredImage> Rows(int count) => Enumerable.Range(0, count).Select(i => i % 5 == 0
        ? new ScoredImage($"{i}.jpg", ImageStatus.Corrupt, "broken", [], [], null)
        : new ScoredImage($"{i}.jpg", ImageStatus.Ok, "", ["a", "b"], [0.5f, 0.25f], new float[] { i, 1, 2 }));
}

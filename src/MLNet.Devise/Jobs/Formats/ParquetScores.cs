using MLNet.Devise.Jobs.Inputs;
using MLNet.Devise.Scoring;
using ParquetSharp;

namespace MLNet.Devise.Jobs.Formats;

/// <summary>Score rows as Parquet: <c>Path, Status, Error</c> text, <c>Labels, Scores</c> and <c>Embedding</c> lists, then what goes through.</summary>
internal static class ParquetScores
{
    /// <summary>Rows held while writing: 5 MB with embeddings of 300.</summary>
    private const int GroupRows = 4096;

    private const string EmbeddingName = "Embedding";

    public static void Write(Stream stream, IEnumerable<ScoreRow> rows, ScoreSchema schema)
    {
        Column[] columns =
        [
            new Column<string>(Columns.Path), new Column<string>(Columns.Status), new Column<string>(Columns.Error), new Column<string[]>(Columns.Labels), new Column<float[]>(Columns.Scores),
            .. schema.Embeddings ? [new Column<float[]>(EmbeddingName)] : Array.Empty<Column>(), .. schema.Kept.Select(KeptParquet.Column),
        ];
        // Numbers that hardly repeat gain nothing from a dictionary.
        using var builder = new WriterPropertiesBuilder().Compression(Compression.Zstd).CompressionLevel(1)
            .DisableDictionary($"{EmbeddingName}.list.item").DisableDictionary($"{Columns.Scores}.list.item").DisableDictionary(Columns.Path);
        using var properties = builder.Build();
        using var target = new ParquetSharp.IO.ManagedOutputStream(stream, leaveOpen: true);
        using var writer = new ParquetFileWriter(target, columns, properties);
        foreach (var group in rows.Chunk(GroupRows)) WriteGroup(writer, group, schema);
        writer.Close();
    }

    public static IEnumerable<ScoreRow> Read(string path)
    {
        using var table = new ParquetTable(path);
        var embedding = table.Find(EmbeddingName);
        ParquetField[] own = [table.Require(Columns.Path), table.Require(Columns.Status), table.Require(Columns.Error), table.Require(Columns.Labels), table.Require(Columns.Scores), .. embedding is null ? Array.Empty<ParquetField>() : [embedding]];
        var kept = table.Fields.Where(field => !KeptColumns.Own.Contains(field.Name) && field.Type is not null).ToArray();
        var number = 0L;
        var check = new ScoreRowCheck((found, expected) => table.Error($"row {number}: {found}", expected));
        foreach (var row in table.Rows([.. own.Concat(kept).Select(field => field.Column)]))
        {
            number++;
            yield return new(
                check.Row((string)As<string>(row[0])!, (string)As<string>(row[1])!, (string)As<string>(row[2])!, (string[])As<string[]>(row[3])!, Numbers(row[4])!, embedding is null ? null : Numbers(row[5])),
                row[own.Length..]);
        }

        object? As<T>(object? value) => value is null or T ? value : throw table.Error($"row {number}: a {value.GetType().Name}", $"a {typeof(T).Name}");

        float[]? Numbers(object? value) => value switch
        {
            null => null,
            float[] numbers => numbers,
            float?[] numbers => Array.ConvertAll(numbers, item => item ?? float.NaN),
            double[] numbers => Array.ConvertAll(numbers, item => (float)item),
            double?[] numbers => Array.ConvertAll(numbers, item => (float)(item ?? double.NaN)),
            _ => throw table.Error($"row {number}: a {value.GetType().Name}", "a list of numbers"),
        };
    }

    private static void WriteGroup(ParquetFileWriter writer, ScoreRow[] rows, ScoreSchema schema)
    {
        using var group = writer.AppendRowGroup();
        Put(rows => rows.Image.Path);
        Put(rows => rows.Image.Status.Name());
        Put(rows => rows.Image.Error);
        Put(rows => rows.Image.Labels.ToArray());
        Put(rows => rows.Image.Scores.ToArray());
        if (schema.Embeddings) Put(rows => rows.Image.Embedding?.ToArray());
        for (var i = 0; i < schema.Kept.Count; i++)
        {
            using var column = group.NextColumn();
            KeptParquet.Write(column, schema.Kept[i].Type, Array.ConvertAll(rows, row => row.Kept[i]));
        }

        void Put<T>(Converter<ScoreRow, T> value)
        {
            using var column = group.NextColumn();
            using var logical = column.LogicalWriter<T>();
            logical.WriteBatch(Array.ConvertAll(rows, value));
        }
    }
}

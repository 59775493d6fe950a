using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs.Formats;

/// <summary>Score rows as JSON, one object a line.</summary>
internal static class JsonlScores
{
    // The text goes to files, not into web pages: letters beyond ASCII stay readable.
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Stream stream, IEnumerable<ScoreRow> rows, ScoreSchema schema)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = Options.Encoder });
        foreach (var (row, kept) in rows)
        {
            json.WriteStartObject();
            json.WriteString(Columns.Path, row.Path);
            json.WriteString(Columns.Status, row.Status.Name());
            json.WriteString(Columns.Error, row.Error);
            Put(json, Columns.Labels, row.Labels);
            Put(json, Columns.Scores, row.Scores);
            if (schema.Embeddings) Put(json, nameof(Line.Embedding), row.Embedding?.ToArray());
            for (var i = 0; i < kept.Length; i++) Put(json, schema.Kept[i].Name, schema.Kept[i].ForText(kept[i]));
            json.WriteEndObject();
            json.Flush();
            stream.WriteByte((byte)'\n');
            json.Reset();
        }
    }

    public static IEnumerable<ScoredImage> Read(string path)
    {
        using var reader = new StreamReader(path, Encoding.UTF8);
        var number = 0;
        var check = new ScoreRowCheck((found, expected) => new($"{path}:{number}: {found}, expected {expected}"));
        while (reader.ReadLine() is { } text)
        {
            number++;
            if (string.IsNullOrWhiteSpace(text)) continue;
            Line line;
            try
            {
                line = JsonSerializer.Deserialize<Line>(text, Options) ?? throw new JsonException("it is 'null'");
            }
            catch (JsonException e)
            {
                throw new DeviseInputException($"{path}:{number}: not a score row: {e.Message.ReplaceLineEndings(" ")}; expected an object with Path, Status, Error, Labels, Scores", e);
            }
            yield return check.Row(line.Path, line.Status, line.Error, line.Labels, line.Scores, line.Embedding);
        }
    }

    private static void Put(Utf8JsonWriter json, string name, object? value)
    {
        json.WritePropertyName(name);
        // JSON has no word for these.
        if (value is double.NaN or double.PositiveInfinity or double.NegativeInfinity or float.NaN or float.PositiveInfinity or float.NegativeInfinity) json.WriteNullValue();
        else JsonSerializer.Serialize(json, value, Options);
    }

    private sealed class Line
    {
        public required string Path { get; init; }
        public required string Status { get; init; }
        public required string Error { get; init; }
        public required string[] Labels { get; init; }
        public required float[] Scores { get; init; }
        public float[]? Embedding { get; init; }
    }
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs;

/// <summary>Score rows as JSON, one object a line.</summary>
internal static class JsonlScores
{
    // The text goes to files, not into web pages: letters beyond ASCII stay readable.
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Stream stream, IEnumerable<ScoredImage> rows, bool embeddings)
    {
        foreach (var row in rows)
        {
            var line = new Line { Path = row.Path, Status = row.Status.Name(), Error = row.Error, Labels = [.. row.Labels], Scores = [.. row.Scores] };
            if (embeddings) JsonSerializer.Serialize(stream, new EmbeddedLine(line) { Embedding = row.Embedding?.ToArray() }, Options);
            else JsonSerializer.Serialize(stream, line, Options);
            stream.WriteByte((byte)'\n');
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
            EmbeddedLine line;
            try
            {
                line = JsonSerializer.Deserialize<EmbeddedLine>(text, Options) ?? throw new JsonException("it is 'null'");
            }
            catch (JsonException e)
            {
                throw new DeviseInputException($"{path}:{number}: not a score row: {e.Message.ReplaceLineEndings(" ")}; expected an object with Path, Status, Error, Labels, Scores", e);
            }
            yield return check.Row(line.Path, line.Status, line.Error, line.Labels, line.Scores, line.Embedding);
        }
    }

    private class Line
    {
        public required string Path { get; init; }
        public required string Status { get; init; }
        public required string Error { get; init; }
        public required string[] Labels { get; init; }
        public required float[] Scores { get; init; }
    }

    private sealed class EmbeddedLine : Line
    {
        public EmbeddedLine() { }

        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public EmbeddedLine(Line line) => (Path, Status, Error, Labels, Scores) = (line.Path, line.Status, line.Error, line.Labels, line.Scores);

        [System.Text.Json.Serialization.JsonPropertyOrder(1)]
        public float[]? Embedding { get; init; }
    }
}

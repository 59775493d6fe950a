using System.Text.Json;

namespace MLNet.Devise.Training.Backbones;

/// <summary>One tensor as the header of a safetensors file describes it; nothing of it is checked against the data yet.</summary>
internal sealed record SafetensorsEntry(string Name, string Type, long[] Shape, long Begin, long End);

/// <summary>Reads the header token by token: no tree of it is built, so that a strange one costs no more memory than it has bytes.</summary>
internal static class SafetensorsHeader
{
    private const int MaxTensors = 20_000, MaxName = 512, MaxRank = 16;

    /// <param name="json">The header.</param>
    /// <param name="metadata">Receives the texts of <c>__metadata__</c>; null passes over them.</param>
    /// <exception cref="JsonException">Not JSON, or not the JSON of a header.</exception>
    public static List<SafetensorsEntry> Parse(ReadOnlySpan<byte> json, Dictionary<string, string>? metadata = null)
    {
        var entries = new List<SafetensorsEntry>();
        var reader = new Utf8JsonReader(json);
        Expect(ref reader, JsonTokenType.StartObject);
        while (NextName(ref reader) is { } name)
        {
            if (name == "__metadata__")
            {
                if (metadata is null)
                {
                    reader.Read();
                    reader.Skip();
                }
                else ReadTexts(ref reader, metadata);
                continue;
            }
            if (entries.Count == MaxTensors) throw new JsonException($"more than {MaxTensors} tensors");
            entries.Add(Entry(ref reader, name));
        }
        if (reader.Read()) throw new JsonException("something after its end");
        return entries;
    }

    private static void ReadTexts(ref Utf8JsonReader reader, Dictionary<string, string> texts)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        while (NextName(ref reader) is { } key)
        {
            Expect(ref reader, JsonTokenType.String);
            texts[key] = reader.GetString()!;
        }
    }

    private static SafetensorsEntry Entry(ref Utf8JsonReader reader, string name)
    {
        var (type, shape, offsets) = ((string?)null, (long[]?)null, (long[]?)null);
        Expect(ref reader, JsonTokenType.StartObject);
        while (NextName(ref reader) is { } key)
        {
            if (key == "dtype") type = Text(ref reader);
            else if (key == "shape") shape = Numbers(ref reader);
            else if (key == "data_offsets") offsets = Numbers(ref reader);
            else throw new JsonException($"'{name}' has '{key}', expected dtype, shape and data_offsets");
        }
        if (type is null || shape is null || offsets is not [var begin, var end])
            throw new JsonException($"'{name}' lacks one of dtype, shape and two data_offsets");
        return new(name, type, shape, begin, end);
    }

    /// <summary>The next key, or null at the object's end.</summary>
    private static string? NextName(ref Utf8JsonReader reader)
    {
        if (!reader.Read()) throw new JsonException("it ends too early");
        return reader.TokenType == JsonTokenType.EndObject ? null : Short(ref reader);
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.String);
        return Short(ref reader);
    }

    private static string Short(ref Utf8JsonReader reader) =>
        reader.ValueSpan.Length <= MaxName ? reader.GetString()! : throw new JsonException($"a name of {reader.ValueSpan.Length} bytes, expected at most {MaxName}");

    private static long[] Numbers(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartArray);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (numbers.Count == MaxRank) throw new JsonException($"more than {MaxRank} numbers in a list");
            numbers.Add(reader.GetInt64());
        }
        return [.. numbers];
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType expected)
    {
        if (!reader.Read() || reader.TokenType != expected) throw new JsonException($"{reader.TokenType} where {expected} was expected");
    }
}

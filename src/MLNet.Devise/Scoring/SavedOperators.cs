using System.Drawing;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.Devise.Onnx;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Scoring;

/// <summary>What an embedder leaves in its saved network, for our own loader; ML.NET passes over it.</summary>
internal sealed record SavedEmbedding(int Side, ImageScaling Scaling, int Dimension, ImageKind Kind, EmbedImagesOptions Options);

/// <summary>What a label ranker leaves in its saved graph.</summary>
internal sealed record SavedLabels(NearestLabelsOptions Options);

/// <summary>Marks of our operators in the metadata of the ONNX models that stand for them in a saved chain.</summary>
internal static class SavedOperators
{
    /// <summary>The format written, and the newest read.</summary>
    public const int Format = 1;

    private const string Prefix = "devise.operator.";

    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter(), new ColorText() }, RespectNullableAnnotations = true };

    /// <summary>Whether a model stands for one of our operators.</summary>
    public static bool IsMarked(ModelProto model) => model.MetadataProps.Any(pair => pair.Key.StartsWith(Prefix, StringComparison.Ordinal));

    /// <summary>Puts the mark of an operator on a model.</summary>
    public static void Mark<T>(ModelProto model, T saved)
    {
        model.MetadataProps.Add(new StringStringEntryProto { Key = $"{Prefix}format", Value = Format.ToString(CultureInfo.InvariantCulture) });
        model.MetadataProps.Add(new StringStringEntryProto { Key = Prefix + typeof(T).Name, Value = JsonSerializer.Serialize(saved, Json) });
    }

    /// <summary>Reads a mark of that kind; <see langword="null"/> where the model has none.</summary>
    /// <exception cref="DeviseInputException">It is damaged, or newer than this version.</exception>
    public static T? Read<T>(ModelProto model, string source) where T : class
    {
        var text = model.MetadataProps.FirstOrDefault(pair => pair.Key == Prefix + typeof(T).Name)?.Value;
        if (text is null) return null;
        var format = model.MetadataProps.FirstOrDefault(pair => pair.Key == $"{Prefix}format")?.Value;
        if (format != Format.ToString(CultureInfo.InvariantCulture))
            throw new DeviseInputException($"{source}: operator format version {format}, this program reads {Format}; update MLNet.Devise or save the model again");
        try { return JsonSerializer.Deserialize<T>(text, Json) ?? throw new JsonException("it is 'null'"); }
        catch (JsonException e) { throw new DeviseInputException($"{source}: the settings of an operator are damaged: {e.Message}; save the model again", e); }
    }

    private sealed class ColorText : JsonConverter<Color>
    {
        public override Color Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            int.TryParse(reader.GetString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var argb) ? Color.FromArgb(argb) : throw new JsonException("expected a colour as AARRGGBB");

        public override void Write(Utf8JsonWriter writer, Color value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToArgb().ToString("X8", CultureInfo.InvariantCulture));
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Cli;

/// <summary>Reads option records from JSON; an unknown or misspelt key is an error that says where it stands and what was meant.</summary>
internal static class StrictJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <exception cref="DeviseInputException">The file is missing, is not JSON, or does not fit <typeparamref name="T"/>.</exception>
    public static T Read<T>(string path)
    {
        if (!File.Exists(path)) throw new DeviseInputException($"{path}: no such file");
        try
        {
            return JsonSerializer.Deserialize<T>(Bytes(path), Options) ?? throw new DeviseInputException($"{path}: 'null', expected an object");
        }
        catch (JsonException error)
        {
            throw new DeviseInputException($"{path}:{error.LineNumber + 1}: {Explain(typeof(T), error)}", error);
        }
    }

    /// <summary>An option record with the keys of a file laid over it: objects key by key, all else whole.</summary>
    /// <param name="basis">What the keys that are not there keep.</param>
    /// <param name="path">The file, already read once by <see cref="Read"/>, so that its keys and kinds are known to be right.</param>
    /// <param name="within">Leads from the file's root to the object with the keys; null where it is not there.</param>
    public static T Over<T>(T basis, string path, Func<JsonNode, JsonNode?> within)
    {
        var root = JsonNode.Parse(Bytes(path), documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!;
        return within(root) is JsonObject keys ? JsonSerializer.Deserialize<T>(Overlay(JsonSerializer.SerializeToNode(basis, Options), keys), Options)! : basis;
    }

    /// <summary>The file without the byte-order mark that some editors put before it.</summary>
    private static ReadOnlySpan<byte> Bytes(string path)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        return bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
    }

    private static JsonNode? Overlay(JsonNode? under, JsonNode? over)
    {
        if (under is not JsonObject below || over is not JsonObject above) return over?.DeepClone();
        foreach (var (key, value) in above) below[key] = Overlay(below[key], value);
        return below;
    }

    private static string Explain(Type root, JsonException error)
    {
        var steps = (error.Path ?? "$").Split('.').Skip(1).ToArray();
        var unknown = error.Message.Contains("could not be mapped", StringComparison.Ordinal);
        if (error.Message.Contains("could not be converted", StringComparison.Ordinal)) return $"{error.Path}: not of the right kind, expected {Kind(steps.Aggregate(root, Member))}";
        if (error.Message.StartsWith("Duplicate property '", StringComparison.Ordinal)) return $"{error.Path}: the key '{error.Message.Split('\'')[1]}' is there twice, expected once";
        if (!unknown || steps.Length == 0) return $"{error.Path}: {error.Message.Split(" Path:")[0]}";
        var known = Keys(steps[..^1].Aggregate(root, Member));
        var near = known.Where(key => Spelling.Distance(key, steps[^1], 3) <= 3).OrderBy(key => Spelling.Distance(key, steps[^1], 3)).Take(1).ToArray();
        return $"unknown key '{steps[^1]}'{(near.Length > 0 ? $", did you mean '{near[0]}'?" : "")} expected one of {string.Join(", ", known)}";
    }

    /// <summary>The type that a step of a JSON path leads to: <c>stage1[0]</c> is an element of the list <c>Stage1</c>.</summary>
    private static Type Member(Type type, string step)
    {
        // The rest of a key with a dot in it, which the path was cut at.
        if (type == typeof(string)) return type;
        if (IsDictionary(type)) return type.GetGenericArguments()[1];
        var name = step.Split('[')[0];
        var member = type.GetProperties().FirstOrDefault(property => Key(property.Name) == name)?.PropertyType ?? typeof(object);
        member = Nullable.GetUnderlyingType(member) ?? member;
        return step.Contains('[') && member.IsGenericType ? member.GetGenericArguments()[^1] : member;
    }

    private static bool IsDictionary(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>);

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(type).Select(Key))}",
        _ when type == typeof(string) => "a text",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) => "a number",
        { IsGenericType: true } when !IsDictionary(type) => "a list",
        _ => "an object",
    };

    private static string[] Keys(Type type) => [.. type.GetProperties().Where(property => property.SetMethod is not null).Select(property => Key(property.Name))];

    private static string Key(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}

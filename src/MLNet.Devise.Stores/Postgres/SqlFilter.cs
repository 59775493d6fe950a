using Npgsql;

namespace MLNet.Devise.Stores.Filters;

/// <summary>A <see cref="RecordFilter"/> in SQL. Texts are parameters; a comparison with a missing label is unknown, which counts as false.</summary>
internal static class SqlFilter
{
    /// <summary>The condition; its texts are added to the command's parameters.</summary>
    public static string Write(RecordFilter filter, NpgsqlParameterCollection parameters) => filter switch
    {
        OneOf { Values: var values } one when values.Contains(null) => $"({Column(one.Field)} IS NULL OR {Column(one.Field)} = ANY({Add(values.OfType<string>().ToArray(), parameters)}))",
        OneOf one => $"{Column(one.Field)} = ANY({Add(one.Values.OfType<string>().ToArray(), parameters)})",
        Begins begins => $"{Column(begins.Field)} ^@ {Add(begins.Start, parameters)}",
        Both both => $"({Write(both.Left, parameters)} AND {Write(both.Right, parameters)})",
        Either either => $"({Write(either.Left, parameters)} OR {Write(either.Right, parameters)})",
        Not not => $"({Write(not.Inner, parameters)}) IS NOT TRUE",
        _ => throw new InvalidOperationException($"{filter}"),
    };

    private static string Column(RecordField field) => field == RecordField.Path ? "path" : "label";

    private static string Add<T>(T value, NpgsqlParameterCollection parameters)
    {
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return $"${parameters.Count}";
    }
}

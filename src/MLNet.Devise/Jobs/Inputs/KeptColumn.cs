using System.Text.Json.Serialization;

namespace MLNet.Devise.Jobs.Inputs;

/// <summary>A column of the list of images that goes through to the scores.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What its values are; null is possible in all of them.</param>
internal sealed record KeptColumn(string Name, KeptType Type)
{
    /// <summary>A value as text formats write it: a time in UTC says so.</summary>
    public object? ForText(object? value) => Type == KeptType.UtcTime && value is DateTime time ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : value;
}

/// <summary>Kinds of values that go through, with their .NET type.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KeptType>))]
internal enum KeptType
{
    /// <summary><see cref="string"/>.</summary>
    Text,
    /// <summary><see cref="bool"/>.</summary>
    Boolean,
    /// <summary><see cref="int"/>.</summary>
    Int32,
    /// <summary><see cref="long"/>.</summary>
    Int64,
    /// <summary><see cref="float"/>.</summary>
    Single,
    /// <summary><see cref="double"/>.</summary>
    Double,
    /// <summary><see cref="DateTime"/> of no particular time zone, to the microsecond.</summary>
    Time,
    /// <summary><see cref="DateTime"/> in UTC, to the microsecond.</summary>
    UtcTime,
}

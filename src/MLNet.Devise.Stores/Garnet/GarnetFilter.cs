namespace MLNet.Devise.Stores.Filters;

/// <summary>
/// A <see cref="RecordFilter"/> in the language of <c>VSIM … FILTER</c>, over attributes <c>path</c> and <c>label</c>; a missing label is an
/// empty one. <c>not</c> binds tighter than <c>==</c>, <c>==</c> than <c>and</c>, <c>and</c> than <c>or</c>; equal ones go from left to right.
/// </summary>
internal static class GarnetFilter
{
    // Garnet answers an expression over its limits with nothing found: that must not happen unseen.
    private const int MaxTokens = 128, MaxStack = 16;

    /// <exception cref="DeviseInputException">Garnet has no words for it, or it is too long or too deep for Garnet.</exception>
    public static string Write(RecordFilter filter)
    {
        var written = Of(filter);
        if (written.Tokens > MaxTokens) throw new DeviseInputException($"filter: {written.Tokens} words and signs for Garnet, which takes {MaxTokens}: {(MaxTokens + 1) / 4} texts joined by ||, fewer among brackets; ask for parts of it one after the other");
        if (written.Stack > MaxStack) throw new DeviseInputException($"filter: {written.Stack} values to be kept for Garnet, which keeps {MaxStack}; nest its conditions less deeply, or with the deeper ones first");
        return written.Text;
    }

    private static Written Of(RecordFilter filter)
    {
        switch (filter)
        {
            case OneOf { Values.Count: 0 }:
                return new("1 == 2", 3, 2);
            case OneOf { Values: [var value] } one:
                return new($"{(one.Field == RecordField.Path ? ".path" : ".label")} == \"{GarnetText.Hex(value ?? "")}\"", 3, 2);
            case OneOf or Either:
                return Joined("or", [.. Alternatives(filter).Select(Of)]);
            case Both:
                return Joined("and", [.. Conditions(filter).Select(part => part is Either or OneOf { Values.Count: > 1 } ? Bracketed(Of(part)) : Of(part))]);
            case Not not:
                var inner = Bracketed(Of(not.Inner));
                return inner with { Text = $"not {inner.Text}", Tokens = inner.Tokens + 1 };
            default:
                throw new DeviseInputException("filter: StartsWith, which Garnet cannot filter by; expected == or a list's Contains");
        }
    }

    private static IEnumerable<RecordFilter> Alternatives(RecordFilter filter) => filter switch
    {
        Either either => Alternatives(either.Left).Concat(Alternatives(either.Right)),
        OneOf { Values.Count: > 1 } one => one.Values.Select(value => one with { Values = [value] }),
        _ => [filter],
    };

    private static IEnumerable<RecordFilter> Conditions(RecordFilter filter) => filter is Both both ? Conditions(both.Left).Concat(Conditions(both.Right)) : [filter];

    // The first part's value waits on the stack while another is computed.
    private static Written Joined(string word, Written[] parts) =>
        new(string.Join($" {word} ", parts.Select(part => part.Text)), parts.Sum(part => part.Tokens) + parts.Length - 1, Math.Max(parts[0].Stack, parts[1..].Max(part => part.Stack) + 1));

    private static Written Bracketed(Written inner) => new($"({inner.Text})", inner.Tokens + 2, inner.Stack);

    /// <summary>An expression with what it costs Garnet.</summary>
    private readonly record struct Written(string Text, int Tokens, int Stack);
}

/// <summary>Texts as attributes hold them: hexadecimal, so that no quote, backslash or letter can mean something else to the filter's own reader.</summary>
internal static class GarnetText
{
    public static string Hex(string text) => "x" + Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(text));

    public static string Text(string hex) => System.Text.Encoding.UTF8.GetString(Convert.FromHexString(hex.AsSpan(1)));
}

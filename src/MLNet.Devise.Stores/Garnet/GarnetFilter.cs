namespace MLNet.Devise.Stores.Filters;

/// <summary>A <see cref="RecordFilter"/> in the language of <c>VSIM … FILTER</c>, over attributes <c>path</c> and <c>label</c>; a missing label is an empty one.</summary>
internal static class GarnetFilter
{
    // Garnet answers an expression over its limits (128 tokens, 64 texts) with nothing found: that must not happen unseen.
    private const int MaxTexts = 30;

    /// <exception cref="DeviseInputException">Garnet has no words for it, or it is too long for Garnet.</exception>
    public static string Write(RecordFilter filter)
    {
        var texts = 0;
        var written = Write(filter, ref texts);
        return texts <= MaxTexts ? written : throw new DeviseInputException($"filter: {texts} texts compared, Garnet takes {MaxTexts} at most");
    }

    private static string Write(RecordFilter filter, ref int texts)
    {
        switch (filter)
        {
            case OneOf { Values.Count: 0 }:
                return "1 == 2";
            case OneOf one:
                texts += one.Values.Count;
                var field = one.Field == RecordField.Path ? ".path" : ".label";
                return $"({string.Join(" or ", one.Values.Select(value => $"{field} == {Quoted(value ?? "")}"))})";
            case Both both:
                return $"({Write(both.Left, ref texts)} and {Write(both.Right, ref texts)})";
            case Either either:
                return $"({Write(either.Left, ref texts)} or {Write(either.Right, ref texts)})";
            case Not not:
                return $"not ({Write(not.Inner, ref texts)})";
            default:
                throw new DeviseInputException("filter: StartsWith, which Garnet cannot filter by; expected == or a list's Contains");
        }
    }

    private static string Quoted(string text) => $"\"{GarnetText.Hex(text)}\"";
}

/// <summary>Texts as attributes hold them: hexadecimal, so that no quote, backslash or letter can mean something else to the filter's own reader.</summary>
internal static class GarnetText
{
    public static string Hex(string text) => "x" + Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(text));

    public static string Text(string hex) => System.Text.Encoding.UTF8.GetString(Convert.FromHexString(hex.AsSpan(1)));
}

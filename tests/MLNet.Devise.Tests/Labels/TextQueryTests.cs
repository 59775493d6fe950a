using MLNet.Devise.Labels;

namespace MLNet.Devise.Tests.Labels;

public sealed class TextQueryTests
{
    private static readonly Dictionary<string, float[]> Words = new() { ["king"] = [1, 0, 0], ["man"] = [0, 1, 0], ["woman"] = [0, 0, 1], ["polar bear"] = [0.6f, 0.8f, 0], ["polar+bear"] = [0, 1, 0] };

    [Theory]
    [InlineData("king", "1 king"), InlineData("king - man + woman", "1 king|-1 man|1 woman"), InlineData("polar bear + 0.5 * king", "1 polar bear|0.5 king"), InlineData("2*king − man", "2 king|-1 man"), InlineData("- man + king", "-1 man|1 king")]
    [InlineData("polar+bear", "1 polar+bear"), InlineData("t-shirt - man", "1 t-shirt|-1 man"), InlineData("king - 1.5*polar bear", "1 king|-1.5 polar bear"), InlineData("c* algebra", "1 c* algebra"), InlineData("  king   +  man ", "1 king|1 man"), InlineData("-2 * king", "-2 king")]
    public void Signs_stand_between_spaces_and_factors_before_a_star(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', TextQuery.Parse(text).Terms.Select(term => FormattableString.Invariant($"{term.Weight} {term.Text}"))));

    [Theory, InlineData(""), InlineData("  "), InlineData("king +"), InlineData("king + - man"), InlineData("+"), InlineData("2 *"), InlineData("king - 0 * man"), InlineData("- - king")]
    public void Half_a_query_is_refused(string text) => Assert.StartsWith($"'{text}': ", Assert.Throws<DeviseInputException>(() => TextQuery.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Vectors_are_added_up_and_scaled_to_length_1()
    {
        Assert.Equal([1 / MathF.Sqrt(3), -1 / MathF.Sqrt(3), 1 / MathF.Sqrt(3)], Find("king - man + woman"), (a, b) => Math.Abs(a - b) < 1e-6f);
        Assert.Equal([2 / MathF.Sqrt(5), 1 / MathF.Sqrt(5), 0], Find("2 * king + man"), (a, b) => Math.Abs(a - b) < 1e-6f);
        Assert.Same(Words["polar bear"], Find("polar bear"));
        Assert.Equal([-1, 0, 0], Find("-1 * king"));
    }

    [Fact]
    public void Words_that_cancel_out_leave_nothing_to_look_for() =>
        Assert.Equal("'polar bear - polar bear': its words cancel out, expected something to be left", Assert.Throws<DeviseInputException>(() => Find("polar bear - polar bear")).Message);

    private static float[] Find(string text) => TextQuery.Parse(text).Resolve(word => Words[word]);
}

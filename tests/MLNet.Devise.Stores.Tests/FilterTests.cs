using System.Collections.Frozen;
using System.Linq.Expressions;
using System.Text.RegularExpressions;
using MLNet.Devise.Stores.Filters;

namespace MLNet.Devise.Stores.Tests;

/// <summary>What a condition may compare with, and how.</summary>
public sealed class FilterTests
{
    private static readonly string[] Names = ["otter", "Seal"];

    [Fact]
    public void A_set_that_compares_byte_by_byte_is_a_list()
    {
        HashSet<string?> plain = [.. Names], ordinal = new(Names, StringComparer.Ordinal);
        var frozen = Names.ToFrozenSet(StringComparer.Ordinal);
        foreach (var filter in (Expression<Func<ImageRecord, bool>>[])[
            r => plain.Contains(r.Label), r => ordinal.Contains(r.Label), r => frozen.Contains(r.Label!), r => Names.Contains(r.Label, null), r => Names.Contains(r.Label, StringComparer.Ordinal),
            r => Enumerable.Contains(Names, r.Label, EqualityComparer<string?>.Default)])
        {
            Assert.True(RecordFilter.Parse(filter).Accepts("x", "otter"));
            Assert.False(RecordFilter.Parse(filter).Accepts("x", "seal"));
        }
    }

    [Fact]
    public void What_Garnet_is_asked_has_no_more_brackets_than_it_needs()
    {
        Assert.Equal($"{Is("a")} or {Is("b")} or {Is("c")}", Garnet(r => r.Label == "a" || (r.Label == "b" || r.Label == "c")));
        Assert.Equal($"({Is("a")} or {Is("b")}) and not ({Is("c")}) and {Is("d")}", Garnet(r => (r.Label == "a" || r.Label == "b") && (r.Label != "c" && r.Label == "d")));
        Assert.Equal($"{Is("a")} and {Is("b")} or not ({Is("c")} or {Is("d")})", Garnet(r => r.Label == "a" && r.Label == "b" || !(r.Label == "c" || r.Label == "d")));

        static string Is(string label) => $".label == \"{GarnetText.Hex(label)}\"";
    }

    [Fact]
    public void What_is_too_long_or_too_deep_for_Garnet_is_refused()
    {
        var (most, more) = (Texts(32), Texts(33));
        Assert.Equal(127, Tokens(Garnet(r => most.Contains(r.Label))));
        Assert.Contains("131 words and signs", Assert.Throws<DeviseInputException>(() => Garnet(r => more.Contains(r.Label))).Message, StringComparison.Ordinal);
        // Few texts, many brackets.
        RecordFilter pairs = new OneOf(RecordField.Label, Texts(2)), negated = new OneOf(RecordField.Path, ["x"]), deep = negated;
        for (var i = 1; i < 12; i++) pairs = new Both(pairs, new OneOf(RecordField.Label, Texts(2)));
        Assert.Equal(119, Tokens(GarnetFilter.Write(pairs)));
        Assert.Throws<DeviseInputException>(() => GarnetFilter.Write(new Both(pairs, new OneOf(RecordField.Label, Texts(2)))));
        for (var i = 0; i < 42; i++) negated = new Not(negated);
        Assert.Throws<DeviseInputException>(() => GarnetFilter.Write(negated));
        for (var i = 0; i < 15; i++) deep = i % 2 == 0 ? new Both(new OneOf(RecordField.Path, ["y"]), deep) : new Either(new OneOf(RecordField.Path, ["y"]), deep);
        Assert.Contains("less deeply", Assert.Throws<DeviseInputException>(() => GarnetFilter.Write(deep)).Message, StringComparison.Ordinal);

        static string[] Texts(int count) => [.. Enumerable.Range(0, count).Select(i => $"label {i}")];

        static int Tokens(string expression) => Regex.Count(expression, "\"[^\"]*\"|==|[()]|[.a-z]+");
    }

    private static string Garnet(Expression<Func<ImageRecord, bool>> filter) => GarnetFilter.Write(RecordFilter.Parse(filter));

    [Fact]
    public void Other_ways_to_compare_are_refused_and_not_forgotten()
    {
        HashSet<string?> loose = new(Names, StringComparer.OrdinalIgnoreCase);
        var (frozen, sorted) = (Names.ToFrozenSet(StringComparer.OrdinalIgnoreCase), new SortedSet<string?>(Names));
        foreach (var filter in (Expression<Func<ImageRecord, bool>>[])[
            r => loose.Contains(r.Label), r => frozen.Contains(r.Label!), r => sorted.Contains(r.Label), r => Names.Contains(r.Label, StringComparer.OrdinalIgnoreCase),
            r => Enumerable.Contains(Names, r.Label, StringComparer.InvariantCulture), r => Enumerable.Contains(loose, r.Label)])
            Assert.Contains("ordinal", Assert.Throws<DeviseInputException>(() => RecordFilter.Parse(filter)).Message, StringComparison.Ordinal);
    }
}

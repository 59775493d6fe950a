using System.Collections.Frozen;
using System.Linq.Expressions;
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

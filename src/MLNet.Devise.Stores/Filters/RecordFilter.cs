using System.Linq.Expressions;

namespace MLNet.Devise.Stores.Filters;

/// <summary>A condition on records that every store can put into its own words: comparisons of path and label with text, and, or, not.</summary>
internal abstract record RecordFilter
{
    /// <summary>Whether a record passes. A missing label is like a label of no text that equals nothing.</summary>
    public abstract bool Accepts(string path, string? label);

    /// <summary>Reads a condition such as <c>r => r.Label == "otter" &amp;&amp; r.Path.StartsWith("2024/")</c>.</summary>
    /// <exception cref="DeviseInputException">It has something else in it.</exception>
    public static RecordFilter Parse(Expression<Func<ImageRecord, bool>> filter) => new FilterReader(filter.Parameters[0]).Read(filter.Body);
}

/// <summary>A field of a record.</summary>
internal enum RecordField { Path, Label }

/// <summary>The field is one of some texts; null among them stands for a missing label.</summary>
internal sealed record OneOf(RecordField Field, IReadOnlyList<string?> Values) : RecordFilter
{
    public override bool Accepts(string path, string? label) => Values.Contains(Field == RecordField.Path ? path : label, StringComparer.Ordinal);
}

/// <summary>The field begins with a text.</summary>
internal sealed record Begins(RecordField Field, string Start) : RecordFilter
{
    public override bool Accepts(string path, string? label) => (Field == RecordField.Path ? path : label)?.StartsWith(Start, StringComparison.Ordinal) == true;
}

/// <summary>Both hold.</summary>
internal sealed record Both(RecordFilter Left, RecordFilter Right) : RecordFilter
{
    public override bool Accepts(string path, string? label) => Left.Accepts(path, label) && Right.Accepts(path, label);
}

/// <summary>At least one holds.</summary>
internal sealed record Either(RecordFilter Left, RecordFilter Right) : RecordFilter
{
    public override bool Accepts(string path, string? label) => Left.Accepts(path, label) || Right.Accepts(path, label);
}

/// <summary>It does not hold.</summary>
internal sealed record Not(RecordFilter Inner) : RecordFilter
{
    public override bool Accepts(string path, string? label) => !Inner.Accepts(path, label);
}

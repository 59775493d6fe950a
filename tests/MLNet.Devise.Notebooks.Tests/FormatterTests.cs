using Microsoft.DotNet.Interactive.Formatting;
using MLNet.Devise.Labels;
using MLNet.Devise.Reports.Notebooks;

namespace MLNet.Devise.Notebooks.Tests;

/// <summary>.NET Interactive's own formatter, which notebooks show values with.</summary>
public sealed class FormatterTests
{
    [Fact]
    public void DotNet_Interactive_shows_our_types_as_we_do()
    {
        var labels = new LabelSpace(["red+star", "a<b"], [1, 0, 0, 1]);
        // Loads the assembly: only then can it be found.
        Assert.NotNull(Formatter.DefaultMimeType);
        Assert.True(NotebookFormatters.Register());
        Assert.True(NotebookFormatters.Register());
        Assert.True(NotebookFormatters.TryFormat(labels, out var html));
        Assert.Equal(html, labels.ToDisplayString("text/html"));
        Assert.Equal("text/html", Formatter.GetPreferredMimeTypesFor(typeof(LabelSpace)).First());
        Assert.Contains("a&lt;b", html, StringComparison.Ordinal);
        Assert.DoesNotContain("a<b", html, StringComparison.Ordinal);
        Assert.False(NotebookFormatters.TryFormat("a text", out _));
    }
}

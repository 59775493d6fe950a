namespace MLNet.Devise.Notebooks.Tests;

/// <summary>A runner that lets everything pass would be worthless.</summary>
public sealed class NotebookRunnerTests
{
    private const string Picture = """new[] { new MLNet.Devise.Reports.Notebooks.Picture("none.png", "none") }""";

    [Theory]
    [InlineData("var x = 1 / int.Parse(\"0\");", null, "DivideByZeroException")]
    [InlineData("int x = \"text\";", null, "CompilationErrorException")]
    [InlineData("var x = 1;", "text", "promises text but wrote none")]
    [InlineData("1 + 1", "html", "promises HTML but shows none")]
    [InlineData($"MLNet.Devise.Reports.Notebooks.Show.Gallery({Picture})", "html", "promises HTML but shows none")]
    [InlineData("1", "plot", "expected html or text")]
    public async Task A_cell_that_fails_or_breaks_its_promise_ends_the_run(string source, string? shows, string complaint)
    {
        var error = await Assert.ThrowsAsync<CellException>(() => Run(new("a", "#r \"../../artifacts/notebooks/MLNet.Devise.Reports.dll\"\n" + source, shows, false)));
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("x.ipynb, cell a: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cells_go_on_from_one_another_and_parameters_are_replaced()
    {
        var outputs = await NotebookRunner.Run(new("x.ipynb", [new("a", "var x = 1;", null, true), new("b", "Console.Write(x + 1);", "text", false)]), "x = 41;");
        Assert.Equal("42", outputs[1].Text);
    }

    private static async Task Run(Cell cell) => await NotebookRunner.Run(new("x.ipynb", [cell]), "");
}

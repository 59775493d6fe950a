using MLNet.Devise.Tests;

namespace MLNet.Devise.Notebooks.Tests;

/// <summary>The three notebooks, in their order, on a sample small enough for seconds.</summary>
public sealed class NotebookTests
{
    [Fact]
    public async Task Every_cell_runs_and_shows_what_it_promises()
    {
        using var folder = new TemporaryFolder();
        var places = $"bundleFolder = @\"{folder["bundle"]}\"; dataFolder = @\"{folder["data"]}\";";
        var train = await Run("train", $"folder = @\"{folder.Path}\"; imagesPerClass = 3; side = 32; (stage1Epochs, stage2Epochs) = (1, 1);");
        Assert.Contains("stage 2, epoch 1: loss ", Text(train), StringComparison.Ordinal);
        Assert.True(File.Exists(folder["bundle", "model.onnx"]));
        var evaluate = await Run("evaluate", places);
        Assert.Contains(evaluate, output => output.Html?.Contains("Zero-shot: right name first", StringComparison.Ordinal) is true);
        var search = await Run("search", $"{places} vectors = @\"{folder["data", "vectors.vec"]}\";");
        // Of the eight images found for a held-out class some may be wrong after one epoch, but each is there and judged.
        Assert.Equal(8, search.First(output => output.Cell.Source.Contains("stranger", StringComparison.Ordinal)).Html!.Split("<figcaption>").Skip(1).Count(caption => caption[0] is '✓' or '✗'));
    }

    private static Task<IReadOnlyList<CellOutput>> Run(string name, string parameters)
    {
        var notebook = Notebook.Read(Path.Combine(AppContext.BaseDirectory, "notebooks", $"{name}.ipynb"));
        Assert.Single(notebook.Cells, cell => cell.IsParameters);
        Assert.Contains(notebook.Cells, cell => cell.Shows == "html");
        return NotebookRunner.Run(notebook, parameters);
    }

    private static string Text(IEnumerable<CellOutput> outputs) => string.Concat(outputs.Select(output => output.Text));
}

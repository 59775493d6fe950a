using System.Text.Json.Nodes;

namespace MLNet.Devise.Notebooks.Tests;

/// <summary>A cell of code.</summary>
/// <param name="Id">As the notebook has it.</param>
/// <param name="Source">C#.</param>
/// <param name="Shows">What it promises to show: <c>html</c>, <c>text</c>, or nothing.</param>
/// <param name="IsParameters">Whether its values may be replaced by whoever runs the notebook (the tag <c>parameters</c>).</param>
internal sealed record Cell(string Id, string Source, string? Shows, bool IsParameters);

/// <summary>A Jupyter notebook (nbformat 4) for the kernel .net-csharp.</summary>
internal sealed record Notebook(string Path, IReadOnlyList<Cell> Cells)
{
    public static Notebook Read(string path)
    {
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        Assert.Equal(".net-csharp", (string?)root["metadata"]!["kernelspec"]!["name"]);
        return new(path, [.. root["cells"]!.AsArray().Where(cell => (string?)cell!["cell_type"] == "code").Select(cell => Of(cell!))]);
    }

    private static Cell Of(JsonNode cell) => new(
        (string)cell["id"]!,
        cell["source"] is JsonArray lines ? string.Concat(lines.Select(line => (string)line!)) : (string)cell["source"]!,
        (string?)cell["metadata"]?["devise"]?["shows"],
        cell["metadata"]?["tags"] is JsonArray tags && tags.Any(tag => (string?)tag == "parameters"));
}

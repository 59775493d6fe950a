using System.Diagnostics;
using System.Text.Json;
using MLNet.Devise.Jobs;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Tests.Scoring;

/// <summary>The saved chain in a new process that has ML.NET's packages and none of our assemblies.</summary>
public sealed class StockPipelineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_process_with_stock_packages_alone_gives_the_same_labels_and_scores()
    {
        var bundle = TinyBundle.Write(_folder["bundle"]);
        var random = new Random(5);
        var paths = Enumerable.Range(0, 24).Select(i => Pictures.Save(_folder[$"{i}.{(i % 2 == 0 ? "png" : "jpg")}"], random.Next(1, 90), random.Next(1, 90), i)).ToArray();
        var (slots, stock) = RunStock(bundle.PipelinePath, paths);
        Assert.Equal(bundle.Labels.Names, slots);
        AssertSame(bundle, paths, stock);
    }

    [Fact]
    public void Real_photos_get_the_same_labels_and_scores_there_too()
    {
        var photos = Directory.GetFiles(TestData.Require("photos-full")).Order(StringComparer.Ordinal).Take(20).ToArray();
        var bundle = TinyBundle.Write(_folder["bundle"]);
        AssertSame(bundle, photos, RunStock(bundle.PipelinePath, photos).Rows);
    }

    [Fact]
    public void It_names_as_many_labels_as_there_are_where_there_are_fewer_than_five()
    {
        var bundle = TinyBundle.Write(_folder["bundle"], labels: 2);
        var rows = RunStock(bundle.PipelinePath, [Pictures.Save(_folder["a.png"])]).Rows;
        Assert.Equal(2, Assert.Single(rows).Labels.Length);
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertSame(ModelBundle bundle, string[] paths, StockRow[] stock)
    {
        using var scorer = new ImageScorer(bundle, new() { ReducedDecoding = false });
        var ours = scorer.Score(paths).ToArray();
        Assert.Equal(paths, stock.Select(row => row.Path));
        for (var i = 0; i < paths.Length; i++)
        {
            Assert.Equal(ImageStatus.Ok, ours[i].Status);
            Assert.Equal(ours[i].Labels, stock[i].Labels);
            for (var k = 0; k < stock[i].Scores.Length; k++) Assert.Equal(ours[i].Scores[k], stock[i].Scores[k], 1e-5f);
            Assert.Equal(stock[i].Scores[0], stock[i].Similarity[bundle.Labels.IndexOf(stock[i].Labels[0])]);
        }
    }

    private static (string[] Slots, StockRow[] Rows) RunStock(string zip, string[] paths)
    {
        var program = Path.Combine(AppContext.BaseDirectory.Replace("MLNet.Devise.Tests", "MLNet.Devise.StockScoring", StringComparison.Ordinal), "MLNet.Devise.StockScoring.dll");
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(program)!, "MLNet.Devise.dll"));
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", program, zip, .. paths]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return (JsonSerializer.Deserialize<string[]>(lines[0])!, [.. lines.Skip(1).Select(line => JsonSerializer.Deserialize<StockRow>(line)!)]);
    }

    private sealed record StockRow(string Path, string[] Labels, float[] Scores, float[] Similarity);
}

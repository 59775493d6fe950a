using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;
using SkiaSharp;

namespace MLNet.Devise.Cli.Tests;

/// <summary>
/// The paper's pipelines as they stand, on a data set of AWA2's shape: its 50 class names and its split, two drawn pictures a class, random
/// word vectors and random weights in the files that the pipelines ask for.
/// </summary>
public sealed class RehearsalTests : IDisposable
{
    private const string Seen =
        "antelope grizzly+bear killer+whale beaver dalmatian horse german+shepherd blue+whale siamese+cat skunk mole tiger moose spider+monkey elephant gorilla ox fox sheep hamster squirrel rhinoceros rabbit bat giraffe wolf chihuahua weasel otter buffalo zebra deer bobcat lion mouse polar+bear collie walrus cow dolphin";

    private const string Unseen = "chimpanzee giant+panda leopard persian+cat pig hippopotamus humpback+whale raccoon rat seal";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("awa2", "squeezenet1_1", "squeezenet1_1-b8a52dc0.pth", 1_404_868)]
    [InlineData("awa2-resnet34", "resnet34", "resnet34-b627a593.pth", 21_967_044)]
    public void The_papers_pipeline_runs_as_it_stands(string name, string backbone, string weights, long parameters)
    {
        var pipeline = _folder.Write($"pipelines/{name}.json", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "pipelines", $"{name}.json")));
        var missing = Devise.Run("run", pipeline, "--out", _folder["out"]);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains($"devise data download {backbone}", missing.Complaint, StringComparison.Ordinal);

        Draw(_folder["artifacts", "data", "Animals_with_Attributes2"]);
        WriteVectors(_folder["artifacts", "data", "wiki-news-300d-1M.vec.zip"]);
        WriteWeights(Backbone.ByName(backbone), Path.Combine(Directory.CreateDirectory(_folder["artifacts", "weights"]).FullName, weights));
        var answer = Devise.Run("run", pipeline, "--out", _folder["out"], "--json");
        Assert.True(answer.ExitCode == 0, answer.Error);
        using var metrics = JsonDocument.Parse(File.ReadAllText(_folder["out", "metrics.json"]));
        var (data, model) = (metrics.RootElement.GetProperty("data"), metrics.RootElement.GetProperty("model"));
        Assert.Equal((40, 10, parameters), (data.GetProperty("seenClasses").GetInt32(), data.GetProperty("unseenClasses").GetInt32(), model.GetProperty("parameters").GetInt64()));
        Assert.Equal(16, File.ReadAllLines(_folder["out", "run", "history.csv"]).Length - 1);
        Assert.True(File.Exists(_folder["out", "report.html"]));
    }

    public void Dispose() => _folder.Dispose();

    private static void Draw(string folder)
    {
        string[] seen = Seen.Split(' '), unseen = Unseen.Split(' ');
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "classes.txt"), seen.Concat(unseen).Select((name, i) => $"{i + 1,5}\t{name}"));
        File.WriteAllLines(Path.Combine(folder, "trainclasses.txt"), seen);
        File.WriteAllLines(Path.Combine(folder, "testclasses.txt"), unseen);
        var random = new Random(1);
        foreach (var name in seen.Concat(unseen))
            for (var i = 0; i < 2; i++)
            {
                using var bitmap = new SKBitmap(240, 200);
                using (var canvas = new SKCanvas(bitmap))
                using (var paint = new SKPaint { Color = new SKColor((uint)random.Next() | 0xFF000000) })
                {
                    canvas.Clear(new SKColor((uint)random.Next() | 0xFF000000));
                    canvas.DrawCircle(random.Next(60, 180), random.Next(60, 140), 50, paint);
                }
                Directory.CreateDirectory(Path.Combine(folder, "JPEGImages", name));
                using var file = File.Create(Path.Combine(folder, "JPEGImages", name, $"{name}_{10001 + i}.jpg"));
                bitmap.Encode(file, SKEncodedImageFormat.Jpeg, 90);
            }
    }

    private static void WriteVectors(string path)
    {
        string[] words = [.. $"{Seen} {Unseen}".Split(' ', '+').Distinct()];
        var random = new Random(2);
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        using var writer = new StreamWriter(zip.CreateEntry("wiki-news-300d-1M.vec").Open());
        writer.Write($"{words.Length} 300\n{string.Concat(words.Select(word => $"{word} {string.Join(' ', Enumerable.Range(0, 300).Select(_ => (random.NextDouble() - 0.5).ToString("F4", CultureInfo.InvariantCulture)))}\n"))}");
    }

    /// <summary>What a file of weights is, its content says: a .pth may hold safetensors.</summary>
    private static void WriteWeights(Backbone backbone, string path)
    {
        TorchSharp.torch.random.manual_seed(3);
        using var scope = TorchSharp.torch.NewDisposeScope();
        Safetensors.Write(path, [.. Weights.Save(backbone.Create()).Select(entry => (backbone.WeightPrefix + entry.Name, entry.Tensor))]);
    }
}

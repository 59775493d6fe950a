using System.Runtime.CompilerServices;
using Microsoft.ML;

namespace MLNet.Devise.Tests.Scoring;

/// <summary>Tests that change the current folder run while no other does.</summary>
[CollectionDefinition(nameof(CurrentFolder), DisableParallelization = true)]
public sealed class CurrentFolder;

/// <summary>The README's C# example, run as it stands there.</summary>
[Collection(nameof(CurrentFolder))]
public sealed class ReadmeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _before = Directory.GetCurrentDirectory();

    [Fact]
    public void The_scoring_example_labels_photos()
    {
        TinyBundle.Write(_folder["artifacts", "sample", "bundle"]);
        Directory.CreateDirectory(_folder["photos"]);
        Pictures.Save(_folder["photos", "a.png"]);
        File.WriteAllText(_folder["photos", "b.jpg"], "no photo");
        Directory.SetCurrentDirectory(_folder.Path);

        // README
        var mlContext = new MLContext();
        var bundle = ModelBundle.Open("artifacts/sample/bundle");
        var photos = mlContext.Data.LoadFromEnumerable(Directory.GetFiles("photos").Select(path => new Photo { Path = path }));
        using var model = mlContext.Transforms.ScoreImages(bundle, new() { K = 3 }).Fit(photos);
        var labelled = mlContext.Data.CreateEnumerable<Labelled>(model.Transform(photos), reuseRowObject: false);
        // README

        var rows = labelled.OrderBy(row => row.Path, StringComparer.Ordinal).ToArray();
        Assert.Equal(["ok", "unsupported"], rows.Select(row => row.Status));
        Assert.Equal(3, rows[0].Labels.Length);
        Assert.Equal(rows[0].Scores.OrderDescending(), rows[0].Scores);
        Assert.All(rows[1].Labels, label => Assert.Equal("", label));
    }

    [Fact]
    public void The_example_is_the_READMEs_to_the_letter()
    {
        Assert.SkipUnless(File.Exists(Readme()), "the sources are not beside the tests");
        var readme = Lines(Readme());
        foreach (var part in string.Join('\n', Lines(Here())).Split("// README\n").Where((_, i) => i % 2 == 1).Append("sealed class Photo").Append("sealed class Labelled"))
            Assert.Contains(part.TrimEnd(), string.Join('\n', readme), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Directory.SetCurrentDirectory(_before);
        _folder.Dispose();
    }

    private static string[] Lines(string path) => [.. File.ReadLines(path).Select(line => line.Trim())];

    private static string Readme() => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "..", "README.md"));

    private static string Here([CallerFilePath] string path = "") => path;

    private sealed class Photo { public string Path { get; set; } = ""; }
    private sealed class Labelled { public string Path { get; set; } = ""; public string Status { get; set; } = ""; public string[] Labels { get; set; } = []; public float[] Scores { get; set; } = []; }
}

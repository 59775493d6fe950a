using System.CommandLine;
using MLNet.Devise.Data;
using MLNet.Devise.Jobs;
using MLNet.Devise.Scoring;
using MLNet.Devise.Tests;
using MLNet.Devise.Tests.Scoring;

namespace MLNet.Devise.Cli.Tests;

public sealed class MeasurementTests
{
    [Fact]
    public void An_image_without_a_row_of_scores_ends_an_evaluation()
    {
        using var folder = new TemporaryFolder();
        var bundle = TinyBundle.Write(folder["bundle"]);
        for (var i = 0; i < 12; i++) Pictures.Save(folder["data", "JPEGImages", $"label+{i % 2}", $"{i}.png"], 24, 20, i);
        var data = ImageDataset.Open(folder["data"]);
        var session = new Session(new RootCommand { Common.Seed, Common.Quiet }.Parse("--quiet"), CancellationToken.None);
        var valid = data.Of(Split.Valid).ToArray();
        var rows = valid[1..].Select(item => new ScoredImage(item.Path, ImageStatus.Missing, "gone", [], [], null));
        var error = Assert.Throws<DeviseInputException>(() => Measurement.Of(session, bundle, data, rows, bundle.Labels, new Dictionary<string, double>()));
        Assert.Contains($"1 of its images have no row of scores, for instance {valid[0].Path}", error.Message, StringComparison.Ordinal);
    }
}

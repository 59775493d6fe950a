using System.Text.Json;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Tests.Evaluation;

public sealed class EvaluationReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devise-report-").FullName;

    private string Path => System.IO.Path.Combine(_folder, EvaluationReport.FileName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Metrics_json_has_the_names_that_scripts_rely_on()
    {
        Evaluator.Run(Scenario.Random(4, 3, 0) with { Stage1Accuracy = 0.81, Timing = new Dictionary<string, double> { ["scoreSeconds"] = 1.5 } }).Report.Write(Path);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path));
        foreach (var name in (string[])
            [
                "stage1.accuracy", "seen.top1", "seen.top3", "seen.top5", "seen.top10", "seen.perClassTop1", "zeroShot.unseenLabels.top1",
                "zeroShot.unseenLabels.top3", "zeroShot.unseenLabels.top5", "zeroShot.unseenLabels.top10", "zeroShot.unseenLabels.perClassTop1",
                "zeroShot.allLabels.top1", "zeroShot.allLabels.top5", "zeroShot.allLabels.top10", "zeroShot.allLabels.perClassTop1",
                "zeroShot.allLabels.labels", "generalized.unseen", "generalized.seen", "generalized.harmonic", "retrieval.textToImage.precisionAt10",
                "retrieval.textToImage.map", "retrieval.imageToImage.precisionAt10", "retrieval.imageToImage.map", "model.parameters", "model.bytes",
                "data.seenClasses", "data.unseenClasses", "data.trainImages", "data.seenImages", "data.unseenImages", "timing.scoreSeconds",
            ])
        {
            var value = name.Split('.').Aggregate(json.RootElement, (at, key) => at.GetProperty(key));
            Assert.Equal(JsonValueKind.Number, value.ValueKind);
        }
        Assert.Equal("squeezenet1_1", json.RootElement.GetProperty("model").GetProperty("backbone").GetString());
        Assert.Equal(
            ["stage1", "seen", "zeroShot", "generalized", "retrieval", "model", "data", "timing", "calibration", "hierarchy", "intervals"], json.RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    public void Reads_back_what_it_wrote(int unseen)
    {
        var report = Evaluator.Run(Scenario.Random(4, unseen, 2)).Report with { Timing = new Dictionary<string, double> { ["trainSeconds"] = 12.25 } };
        report.Write(Path);
        var read = EvaluationReport.Read(Path);
        Assert.Equal(report.Timing, read.Timing);
        Assert.Equal(report.Seen, read.Seen);
        Assert.Equal(report.Intervals!.Values, read.Intervals!.Values);
        // Lists in records are equal only if they are the same list: what a second writing gives says all.
        var first = File.ReadAllText(Path);
        read.Write(Path);
        Assert.Equal(first, File.ReadAllText(Path));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"seen": {"top1": "high"}}""")]
    public void A_damaged_report_is_refused(string text)
    {
        File.WriteAllText(Path, text);
        Assert.Contains("not a metrics.json", Assert.Throws<DeviseInputException>(() => EvaluationReport.Read(Path)).Message);
    }

    [Fact]
    public void A_missing_report_is_named() => Assert.Contains(Path, Assert.Throws<DeviseInputException>(() => EvaluationReport.Read(Path)).Message);
}

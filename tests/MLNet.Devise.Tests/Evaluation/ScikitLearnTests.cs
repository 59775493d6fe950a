using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Evaluation.Comparison;

namespace MLNet.Devise.Tests.Evaluation;

/// <summary>The metrics again by scikit-learn, from what <c>predictions.csv</c> says.</summary>
public sealed class ScikitLearnTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(1), InlineData(2)]
    public void Every_metric_agrees(int seed)
    {
        Assert.SkipUnless(File.Exists(Python) && Run("-c", "import sklearn, scipy").ExitCode == 0, "scikit-learn is absent: apt-get install python3-sklearn");
        // Ten labels: predictions.csv has the scores of all of them.
        var input = Scenario.Random(seen: 6, unseen: 4, further: 0, noise: 0.9f, seed: seed, gamma: 0.15);
        var (result, other) = (Evaluator.Run(input), Evaluator.Run(Scenario.Random(seen: 6, unseen: 4, further: 0, noise: 1.4f, seed: seed)));
        PredictionFile.Write(_folder["p.csv"], result.Predictions);
        PredictionFile.Write(_folder["other.csv"], other.Predictions);
        File.WriteAllLines(_folder["e.csv"], result.Images.Select(image => $"{image.Path},{string.Join(',', image.Embedding.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}"));
        var answer = Run(
            Path.Combine(AppContext.BaseDirectory, "check_metrics.py"), _folder["p.csv"], string.Join(',', input.Seen), string.Join(',', input.Unseen), "0.15",
            result.Report.Calibration.Temperature.ToString("R", CultureInfo.InvariantCulture), _folder["e.csv"], _folder["other.csv"]);
        Assert.True(answer.ExitCode == 0, answer.Error);

        var theirs = JsonSerializer.Deserialize<Dictionary<string, double>>(answer.Output)!;
        Assert.True(theirs.Remove("mcnemar.exact", out var exact));
        Assert.InRange(theirs.Count, 65, 90);
        var ours = JsonSerializer.SerializeToElement(result.Report, JsonSerializerOptions.Web);
        Assert.All(theirs, pair => Assert.Equal(pair.Value, At(pair.Key), 1e-9));
        var pairs = result.Predictions.Where(p => p.IsSeen).Select(p => (p.RankOwn == 1, other.Predictions.Single(q => q.Path == p.Path).RankOwn == 1));
        Assert.Equal(exact, McNemarTest.Of(pairs).Exact, 1e-9);
        Assert.InRange(exact, 1e-9, 0.999);

        double At(string place) => place.Split('.').Aggregate(ours, (at, key) => at.ValueKind == JsonValueKind.Array ? at[int.Parse(key, CultureInfo.InvariantCulture)] : at.GetProperty(key)).GetDouble();
    }

    public void Dispose() => _folder.Dispose();

    private static (int ExitCode, string Output, string Error) Run(params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}

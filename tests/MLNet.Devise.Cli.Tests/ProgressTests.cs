using System.Globalization;
using System.Text.RegularExpressions;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli.Tests;

/// <summary>What a log is told of long work.</summary>
public sealed class ProgressTests
{
    private readonly List<string> _lines = [];

    [Fact]
    public void A_total_that_nobody_knows_has_no_time_left()
    {
        var log = new LogProgress(_lines.Add, TimeSpan.Zero);

        log.Show("embedding", 1, null, () => "1 images");
        log.Show("embedding", 2, null, () => "2 images");

        Assert.Equal(["embedding  1 images", "embedding  2 images"], _lines);
    }

    [Fact]
    public void Time_left_counts_the_pace_of_the_part_under_way()
    {
        var log = new LogProgress(_lines.Add, TimeSpan.Zero);

        // 900 of 1,000 were done before; the next takes a quarter of a second, so 99 more take 12 s or more, whatever the first ones took.
        log.Show("unfrozen", 900, 1000, () => "900");
        Thread.Sleep(250);
        log.Show("unfrozen", 901, 1000, () => "901");

        Assert.True(Left(_lines[^1]) >= 12);
    }

    [Fact]
    public void Features_of_each_epoch_are_a_part_of_their_own()
    {
        var log = new LogProgress(_lines.Add, TimeSpan.Zero);

        log.Show(TrainingProgress.Views(2, 1, 8, 83, 84));
        Thread.Sleep(300);
        log.Show(TrainingProgress.Views(2, 2, 8, 1, 84));

        Assert.StartsWith("stage 2 features for epoch 2/8  step 1/84", _lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("left", _lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_has_just_begun_has_no_time_left()
    {
        var log = new LogProgress(_lines.Add, TimeSpan.Zero);
        log.Show("scoring", 1, 1000, () => "1");
        Assert.Equal(["scoring  1"], _lines);
    }

    [Fact]
    public void A_job_that_tries_failed_rows_again_counts_the_rows_it_passes()
    {
        var seen = new List<(double, double?)>();
        var rate = new ProgressRate(new Watched(seen));
        foreach (var done in (int[])[1, 2, 3, 4]) rate.Show("scoring", new(done, 1, 4, done - 1));
        Assert.Equal([(2, 4), (3, 4), (4, 4)], seen);
    }

    [Theory]
    [InlineData(0, "0:00:00"), InlineData(3_599, "0:59:59"), InlineData(97_509, "27:05:09"), InlineData(1_000_000, "277:46:40")]
    public void Times_are_told_in_hours_however_many(int seconds, string expected) => Assert.Equal(expected, Duration.Text(TimeSpan.FromSeconds(seconds)));

    private sealed class Watched(List<(double, double?)> seen) : IProgressView
    {
        public void Show(string task, double done, double? total, Func<string> detail) => seen.Add((done, total));

        public void Say(string line) { }
    }

    private static double Left(string line) => TimeSpan.Parse(Regex.Match(line, @"(\d+:\d\d:\d\d) left$").Groups[1].Value, CultureInfo.InvariantCulture).TotalSeconds;
}

using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Tests.Evaluation;

public sealed class PredictionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EvaluationInput _input = Scenario.Random(seen: 9, unseen: 6, further: 5);

    [Fact]
    public void Every_prediction_equals_its_naive_twin()
    {
        var naive = new NaiveMetrics(_input);
        var result = Evaluator.Run(_input);
        Assert.Equal(naive.SeenImages.Length + naive.UnseenImages.Length, result.Predictions.Count);
        foreach (var p in result.Predictions)
        {
            var image = naive.Pool.Single(image => image.Path == p.Path);
            int Rank(IEnumerable<string> labels) => 1 + naive.Ranked(image, labels).TakeWhile(label => label != image.Label).Count();
            Assert.Equal((image.Label, image.Split, _input.Seen.Contains(image.Label)), (p.Label, p.Split, p.IsSeen));
            Assert.Equal(1 - (double)naive.Cosine(image, image.Label), p.Loss, 1e-9);
            Assert.Equal((Rank(p.IsSeen ? _input.Seen : _input.Unseen), Rank(naive.Known)), (p.RankOwn, p.RankAll));
            Assert.Equal(Rank([.. naive.Known, .. _input.Labels.Names.Except(naive.Known)]), p.RankFurther);
            Assert.Equal(naive.Ranked(image, naive.Known).Take(10), p.Top.Select(top => top.Label));
            Assert.All(p.Top, top => Assert.Equal(naive.Cosine(image, top.Label), top.Cosine));
            Assert.Equal((naive.Ranked(image, _input.Seen)[0], naive.Ranked(image, _input.Unseen)[0]), (p.BestSeen.Label, p.BestUnseen!.Value.Label));
            Assert.Equal((p.IsSeen ? p.BestSeen : p.BestUnseen.Value, p.Top[0]), (p.BestOwn, p.Best));
        }
        Assert.Equal(result.Images.Select(image => image.Path), result.Predictions.Select(p => p.Path));
    }

    [Fact]
    public void The_file_gives_back_what_was_written()
    {
        foreach (var input in (EvaluationInput[])[_input, Scenario.Random(seen: 3, unseen: 0, further: 0), _input with { Images = [.. _input.Images.Select(image => image with { Path = $"a, \"quoted\" {image.Path}" })] }])
        {
            var written = Evaluator.Run(input).Predictions;
            PredictionFile.Write(_folder["p.csv"], written);
            var read = PredictionFile.Read(_folder["p.csv"]);
            Assert.Equal(written.Select(p => p with { Top = [] }), read.Select(p => p with { Top = [] }));
            Assert.Equal(written.SelectMany(p => p.Top), read.SelectMany(p => p.Top));
        }
        Assert.StartsWith("path,label,kind,split,loss,rank_own,rank_all,rank_further,rank_vocabulary,confidence,best_seen,best_seen_score,best_unseen,best_unseen_score,label_1,score_1,label_2,", File.ReadLines(_folder["p.csv"]).First());
    }

    [Fact]
    public void A_cosine_that_rounding_lifts_above_1_is_no_loss_below_0()
    {
        var written = Evaluator.Run(Scenario.Random(seen: 9, unseen: 6, further: 0, noise: 0)).Predictions;
        Assert.Contains(written, p => p.Best.Cosine > 1);
        Assert.All(written, p => Assert.InRange(p.Loss, 0, 1e-6));
        PredictionFile.Write(_folder["p.csv"], written);
        // Files of before have the rounding too.
        var path = _folder.Write("older.csv", string.Join('\n', File.ReadLines(_folder["p.csv"]).Select((line, i) => i == 1 ? line.Replace($",valid,{Text(written[0].Loss)},", ",valid,-1.1920928955078125E-07,", StringComparison.Ordinal) : line)));
        Assert.Equal(-1.1920928955078125E-07, PredictionFile.Read(path)[0].Loss);
        Assert.Equal(written.Select(p => p.Loss), PredictionFile.Read(_folder["p.csv"]).Select(p => p.Loss));

        static string Text(double value) => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("seen,valid,0.5,1", "known,valid,0.5,1", "kind 'known'")]
    [InlineData("seen,valid,0.5,1", "seen,late,0.5,1", "split 'late'")]
    [InlineData("seen,valid,0.5,1", "seen,valid,NaN,1", "'NaN' in column 5 (loss), expected a number from 0 to 2")]
    [InlineData("seen,valid,0.5,1", "seen,valid,0.5,0", "'0' in column 6 (rank_own), expected a rank of 1 or more")]
    [InlineData("seen,valid,0.5,1", "unseen,valid,0.5,1", "no best_unseen")]
    [InlineData("cat,0.5\n", ",\n", "no label_1")]
    [InlineData("\na.jpg", "\nb.jpg", "'b.jpg' a second time")]
    [InlineData("cat,0.5\n", "cat\n", ":2: ")]
    [InlineData("path", "Path", "header")]
    public void A_row_with_a_mistake_is_told_with_its_line(string right, string wrong, string expected)
    {
        const string Text = "path,label,kind,split,loss,rank_own,rank_all,rank_further,rank_vocabulary,confidence,best_seen,best_seen_score,best_unseen,best_unseen_score,label_1,score_1\n"
            + "a.jpg,cat,seen,valid,0.5,1,1,,,0.9,cat,0.5,,,cat,0.5\nb.jpg,cat,seen,valid,0.5,1,1,,,0.9,cat,0.5,,,cat,0.5\n";
        Assert.Equal(2, PredictionFile.Read(_folder.Write("good.csv", Text)).Count);
        var place = Text.IndexOf(right, StringComparison.Ordinal);
        var bad = _folder.Write("bad.csv", Text[..place] + wrong + Text[(place + right.Length)..]);
        var message = Assert.Throws<DeviseInputException>(() => PredictionFile.Read(bad)).Message;
        Assert.StartsWith(bad, message);
        Assert.Contains(expected, message);
    }

    public void Dispose() => _folder.Dispose();
}

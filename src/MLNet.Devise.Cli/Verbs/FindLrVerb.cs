using System.CommandLine;
using System.Globalization;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Reports;
using MLNet.Devise.Training;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise find-lr</c>: a sweep of learning rates, a plot and a suggestion.</summary>
internal static class FindLrVerb
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data folder, as for training.", Required = true };
        var vectors = new Option<string>("--vectors") { Description = $"Word vectors: {VectorsVerb.Kinds}.", Required = true };
        var pretrained = new Option<string?>("--pretrained") { Description = "Weights to start from; none trains all from scratch." };
        var stage = new Option<int>("--stage") { Description = "1 (classification) or 2 (embedding).", DefaultValueFactory = _ => 1 };
        var steps = new Option<int>("--steps") { Description = "Steps of the sweep.", DefaultValueFactory = _ => 100 };
        var size = new Option<int>("--image-size") { Description = "Side of the square the network sees, pixels.", DefaultValueFactory = _ => new TrainingOptions().ImageSize };
        var output = new Option<string>("--out") { Description = "Where lr.csv and lr.png go.", DefaultValueFactory = _ => Path.Combine("artifacts", "find-lr") };
        return new Command("find-lr", "Find a peak learning rate: sweeps a stage of the paper's recipe, with --pretrained its backbone frozen. What it suggests goes into \"learningRate\" of that stage's phases, in a file for 'devise train --options' or in a pipeline file.") { data, vectors, pretrained, stage, steps, size, output }.Does((parsed, session) =>
        {
            var weights = parsed.GetValue(pretrained);
            PhaseOptions[] phase = [new() { Epochs = 1, Frozen = weights is not null, LearningRate = 1e-3 }];
            var options = new TrainingOptions { Pretrained = weights, ImageSize = parsed.GetValue(size), Seed = session.Seed ?? 0, Stage1 = phase, Stage2 = [new() { Epochs = 1, LearningRate = 1e-3, Frozen = weights is not null }] };
            var dataset = ImageDataset.Open(parsed.GetValue(data)!, new ImageDatasetOptions { Seed = options.Seed });
            var file = parsed.GetValue(vectors)!;
            var labels = LabelSpace.FromVec([.. dataset.Seen, .. dataset.Unseen], file);
            var (csv, png) = (Path.Combine(parsed.GetValue(output)!, "lr.csv"), Path.Combine(parsed.GetValue(output)!, "lr.png"));
            foreach (var result in (string[])[csv, png]) WholeFile.CheckWritable(result);
            var (total, done) = (parsed.GetValue(steps), 0);
            var sweep = ProgressView.Run(session, TimeSpan.FromSeconds(10), view => LearningRateFinder.Sweep(dataset, labels, file, options, parsed.GetValue(stage), total,
                at => view.Show("sweep", ++done, total, () => string.Create(CultureInfo.InvariantCulture, $"rate {at.Rate:E1}  loss {at.Loss:F3}")), session.Cancellation));
            WholeFile.WriteText(csv, "learning_rate,loss\n" + string.Concat(sweep.Points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.Rate:R},{point.Loss:R}\n"))));
            WholeFile.Write(png, stream => stream.Write(Figures.LearningRates([.. sweep.Points.Select(point => (point.Rate, point.Loss))], sweep.Suggestion)));
            session.Answer(new { suggestion = sweep.Suggestion, steps = sweep.Points.Count, csv, png }, text => text.WriteLine(sweep.Suggestion is { } rate
                ? string.Create(CultureInfo.InvariantCulture, $"suggested peak learning rate {rate:0.0e+0} → {png}")
                : $"the sweep ended after {sweep.Points.Count} steps, too few to suggest a rate → {png}"));
        });
    }
}

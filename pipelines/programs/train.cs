#:project ../../src/MLNet.Devise.Training/MLNet.Devise.Training.csproj
#:project ../../src/MLNet.Devise.Reports/MLNet.Devise.Reports.csproj
// Trains from scratch and exports, the notebook train.ipynb as a program: dotnet run pipelines/programs/train.cs DATA VECTORS OUT [EPOCHS]
// OUT gets run/, bundle/ and train.html.
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Jobs;
using MLNet.Devise.Labels;
using MLNet.Devise.Reports.Notebooks;
using MLNet.Devise.Training;
using MLNet.Devise.Training.Export;
using MLNet.Devise.Training.Learning;

var epochs = 10;
if (args.Length is not (3 or 4) || (args.Length == 4 && (!int.TryParse(args[3], out epochs) || epochs < 1)))
{
    Console.Error.WriteLine("usage: train.cs DATA VECTORS OUT [EPOCHS of each stage, default 10]");
    return 2;
}
string Out(string name) => Path.Combine(args[2], name);
var data = ImageDataset.Open(args[0]);
var labels = LabelSpace.FromVec([.. data.Seen, .. data.Unseen], args[1]);

var options = new TrainingOptions
{
    ImageSize = 64,
    BatchSize = 64,
    Head = new() { Kind = HeadKind.Linear, Dropout = 0, LastDropout = 0 },
    Augment = new() { Rotate = 10, Zoom = 1.1, Warp = 0, Crop = 1 },
    Stage1 = [new() { Epochs = epochs, LearningRate = 2e-3 }],
    Stage2 = [new() { Epochs = epochs, LearningRate = 1.5e-3, LowestLearningRate = 3e-4 }],
};
Trainer.Train(data, labels, args[1], options, Out("run"), progress: step =>
{
    if (step.Finished is { } epoch) Console.WriteLine($"stage {epoch.Stage}, epoch {epoch.Epoch}: loss {epoch.TrainLoss:F3}, validation top-1 {epoch.ValidTop1:P1}");
});
var bundle = BundleExporter.Export(Out("run"), Out("bundle"), Console.WriteLine);

var page = new HtmlPage("Teaching a network to speak in word vectors")
    .Add("The data", Show.Data(data))
    .Add("The words", Show.Labels(labels))
    .Add("Two stages of training", Show.Training(EpochRecord.Read(Path.Combine(Out("run"), TrainingRun.HistoryName))));
if (data.Unseen.Count > 0)
{
    var strangers = data.Unseen.SelectMany(label => data.Items.Where(item => item.Label == label).Take(1)).ToArray();
    using var scorer = new ImageScorer(bundle, new() { K = Math.Min(3, data.Unseen.Count), Labels = bundle.Labels.Select(data.Unseen) });
    page.Add("Classes that it never saw, and what it says among their names", Show.Gallery(strangers.Zip(scorer.Score(strangers.Select(data.FullPath)), (item, row) => new Picture(
        data.FullPath(item), string.Join(", ", row.Labels.Zip(row.Scores, (label, score) => $"{ClassList.Display(label)} {score:F2}")), row.Labels is [var first, ..] && first == item.Label))));
}
page.Write(Out("train.html"));
Console.WriteLine($"page {Out("train.html")}");
return 0;

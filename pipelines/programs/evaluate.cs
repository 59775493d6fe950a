#:project ../../src/MLNet.Devise.Reports/MLNet.Devise.Reports.csproj
// Measures a bundle on a labelled data folder, as 'devise evaluate' and the notebook evaluate.ipynb do:
// dotnet run pipelines/programs/evaluate.cs BUNDLE DATA [OUT.html]
using Microsoft.ML;
using MLNet.Devise;
using MLNet.Devise.Data;
using MLNet.Devise.Reports.Notebooks;

if (args.Length is not (2 or 3))
{
    Console.Error.WriteLine("usage: evaluate.cs BUNDLE DATA [OUT.html]");
    return 2;
}
var mlContext = new MLContext();
var bundle = ModelBundle.Open(args[0]);
var data = ImageDataset.Open(args[1], new() { Seed = bundle.Manifest.Seed });
var photos = mlContext.Data.LoadFromEnumerable(data.Items.Where(item => item.Split != Split.Train).Select(item => new Photo { Path = item.Path, Label = item.Label, Split = $"{item.Split}" }));

// Photos that cannot be read have no embedding; they are counted and left out.
var model = mlContext.Transforms.EmbedImages(bundle, new() { Folder = data.Folder }).Fit(photos);
var result = mlContext.MulticlassClassification.EvaluateEmbeddings(model.Transform(photos), bundle.Labels, new() { Seen = data.Seen, Unseen = data.Unseen, Gamma = bundle.Manifest.Gamma });
(model as IDisposable)?.Dispose();

var report = result.Report;
var interval = report.Intervals!.Values["seen.top1"];
Console.WriteLine($"seen classes: top-1 {report.Seen.Top1:P1} (95 % interval {interval.Low:P1} to {interval.High:P1}), top-5 {report.Seen.Top5:P1}");
if (report.ZeroShot is { } zero) Console.WriteLine($"zero-shot: top-1 {zero.UnseenLabels.Top1:P1} among the unseen, {zero.AllLabels.Top1:P1} among all labels");
Console.WriteLine($"text→image: precision at 10 {report.Retrieval.TextToImage.PrecisionAt10:P1}");
var worst = result.Predictions.MaxBy(prediction => prediction.Loss)!;
Console.WriteLine($"farthest from its word: {worst.Path}, taken for {worst.Best.Label}");
if (args.Length == 3)
    new HtmlPage("Is it any good?").Add("The figures", Show.Metrics(report)).Add("Which classes?", Show.Classes(result)).Add("What is taken for what?", Show.Confusion(result)).Write(args[2]);
return 0;

internal sealed class Photo
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";

    public string Split { get; set; } = "";
}

#:project ../../src/MLNet.Devise.Reports/MLNet.Devise.Reports.csproj
// Measures a bundle on a labelled data folder, as 'devise evaluate' and the notebook evaluate.ipynb do:
// dotnet run pipelines/programs/evaluate.cs BUNDLE DATA [OUT.html]
using MLNet.Devise;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Jobs;
using MLNet.Devise.Reports.Notebooks;

if (args.Length is not (2 or 3))
{
    Console.Error.WriteLine("usage: evaluate.cs BUNDLE DATA [OUT.html]");
    return 2;
}
var bundle = ModelBundle.Open(args[0]);
var data = ImageDataset.Open(args[1], new() { Seed = bundle.Manifest.Seed });
var items = data.Items.Where(item => item.Split != Split.Train).ToArray();

using var scorer = new ImageScorer(bundle, new() { K = 1 });
var images = new List<LabelledEmbedding>();
foreach (var (item, row) in items.Zip(scorer.Score(items.Select(data.FullPath))))
    if (row.Embedding is { } embedding) images.Add(new(item.Path, item.Label, item.Split, embedding.ToArray()));

var result = Evaluator.Run(new()
{
    Images = images,
    Labels = bundle.Labels,
    Seen = data.Seen,
    Unseen = data.Unseen,
    Model = ModelFacts.Of(bundle),
    SkippedImages = items.Length - images.Count,
});
var report = result.Report;
Console.WriteLine($"seen classes: top-1 {report.Seen.Top1:P1}, top-5 {report.Seen.Top5:P1}");
if (report.ZeroShot is { } zero) Console.WriteLine($"zero-shot: top-1 {zero.UnseenLabels.Top1:P1} among the unseen, {zero.AllLabels.Top1:P1} among all labels");
Console.WriteLine($"text→image: precision at 10 {report.Retrieval.TextToImage.PrecisionAt10:P1}");
if (args.Length == 3)
    new HtmlPage("Is it any good?").Add("The figures", Show.Metrics(report)).Add("Which classes?", Show.Classes(result)).Add("What is taken for what?", Show.Confusion(result)).Write(args[2]);
return 0;

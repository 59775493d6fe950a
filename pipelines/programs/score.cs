#:project ../../src/MLNet.Devise/MLNet.Devise.csproj
// Scores a folder of photos into a file, as 'devise score' does: dotnet run pipelines/programs/score.cs BUNDLE IMAGES OUT
// It goes on where an earlier run stopped.
using MLNet.Devise;
using MLNet.Devise.Jobs;

if (args.Length != 3)
{
    Console.Error.WriteLine("usage: score.cs BUNDLE IMAGES OUT.parquet|.csv|.jsonl");
    return 2;
}
var bundle = ModelBundle.Open(args[0]);
var options = new DeviseJobOptions { K = 3, Embeddings = true, Unfinished = UnfinishedJob.Resume };
var summary = DeviseJob.Run(bundle, args[1], args[2], options);
Console.WriteLine($"{summary.Rows} images: {string.Join(", ", summary.ByStatus.Select(pair => $"{pair.Value} {pair.Key}"))}");
foreach (var row in ScoreFile.Read(args[2]).Take(3)) Console.WriteLine($"{row.Path}: {string.Join(", ", row.Labels.Zip(row.Scores, (label, score) => $"{label} {score:F2}"))}");
return 0;

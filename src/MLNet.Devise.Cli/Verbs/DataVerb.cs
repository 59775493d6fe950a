using System.CommandLine;
using MLNet.Devise.Data;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise data</c>; of it <c>verify</c>, which opens every image of a data folder and counts.</summary>
internal static class DataVerb
{
    public static Command Create() => new("data", "Check data sets; download weights, word vectors and AWA2.") { Verify(), DownloadVerb.Create() };

    private static Command Verify()
    {
        var folder = new Argument<string>("DIR") { Description = "Data folder." };
        return new Command("verify", "Decode every image; report classes, splits, and files that cannot be read.") { folder }.Does((parsed, session) =>
        {
            var data = ImageDataset.Open(parsed.GetValue(folder)!, new ImageDatasetOptions { Seed = session.Seed ?? 0 });
            var bad = data.Items.AsParallel().AsOrdered().WithCancellation(session.Cancellation).Select(item =>
            {
                using var photo = Photo.TryDecode(data.FullPath(item), out var status, out var error);
                return (item.Path, Status: status.Name(), Error: error);
            }).Where(row => row.Status != ImageStatus.Ok.Name()).ToArray();
            var splits = Enum.GetValues<Split>().ToDictionary(split => split.ToString().ToLowerInvariant(), split => data.Of(split).Count());
            var classes = data.Seen.Concat(data.Unseen).Select(name => new { name, seen = data.Seen.Contains(name), images = data.Items.Count(item => item.Label == name) }).ToArray();
            session.Answer(new { folder = data.Folder, images = data.Items.Count, splits, classes, bad = bad.Select(row => new { row.Path, row.Status, row.Error }), warnings = data.Warnings }, text =>
            {
                text.WriteLine($"{data.Items.Count} images: {string.Join(", ", splits.Select(pair => $"{pair.Value} {pair.Key}"))}; {data.Seen.Count} seen classes, {data.Unseen.Count} unseen; {classes.Min(row => row.images)} to {classes.Max(row => row.images)} images a class");
                foreach (var row in bad) text.WriteLine($"{row.Path}: {row.Status}: {row.Error}");
                foreach (var warning in data.Warnings) text.WriteLine(warning);
                text.WriteLine(bad.Length == 0 ? "every image can be read" : $"{bad.Length} images cannot be read; training and scoring leave them out");
            });
        });
    }
}

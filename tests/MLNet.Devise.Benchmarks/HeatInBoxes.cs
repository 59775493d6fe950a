using System.Diagnostics;
using MLNet.Devise.Data;
using MLNet.Devise.Data.Sample;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Training.Export;

namespace MLNet.Devise.Benchmarks;

/// <summary>How much of the hottest tenth of class-activation maps lies on the object, on the drawn sample, whose pictures have their boxes beside them.</summary>
internal static class HeatInBoxes
{
    /// <param name="bundleFolder">A bundle trained on the sample.</param>
    /// <param name="sampleFolder">The sample.</param>
    /// <param name="runFolder">Its run, for the heat of stage 1 too; null for none.</param>
    public static void Run(string bundleFolder, string sampleFolder, string? runFolder)
    {
        var bundle = ModelBundle.Open(bundleFolder);
        var data = ImageDataset.Open(sampleFolder, new ImageDatasetOptions { Seed = bundle.Manifest.Seed });
        using (var cam = GradCam.Of(bundle))
            foreach (var seen in (bool[])[true, false]) Measure(cam, bundle.Manifest.ImageSize, data, seen, "cosine");
        if (runFolder is not null && RunGradCam.OfStage1(runFolder) is { } classifier)
            using (classifier) Measure(classifier, bundle.Manifest.ImageSize, data, seen: true, "stage 1");
        HeatInMosaics.Run(bundle, data);
    }

    private static void Measure(GradCam cam, int side, ImageDataset data, bool seen, string what)
    {
        var boxes = DrawnBoxes.Read(data.Folder).ToDictionary(entry => entry.Path, entry => entry.Box);
        var (shares, areas, clock) = (new List<double>(), new List<double>(), Stopwatch.StartNew());
        foreach (var item in data.Items.Where(item => item.Split != Split.Train && data.Seen.Contains(item.Label) == seen))
        {
            if (cam.Explain(data.FullPath(item), item.Label) is not { } heat) continue;
            shares.Add(heat.ShareInside(boxes[item.Path], side));
            areas.Add((double)boxes[item.Path].Width * boxes[item.Path].Height / (side * side));
        }
        Console.WriteLine($"{what}, {(seen ? "seen" : "unseen")} classes, {shares.Count} held-out pictures: {shares.Average():P1} of the hottest tenth's heat in the box on average (the box is {areas.Average():P1} of the picture), {shares.Count(share => share >= 0.8) / (double)shares.Count:P1} of pictures with at least 80 %; {clock.Elapsed.TotalMilliseconds / shares.Count:F1} ms a picture");
    }
}

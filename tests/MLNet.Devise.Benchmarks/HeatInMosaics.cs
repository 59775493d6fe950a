using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Scoring;
using MLNet.Devise.Scoring.Engine;
using SkiaSharp;

namespace MLNet.Devise.Benchmarks;

/// <summary>
/// Whether heat is that of the label asked for and not of whatever stands out: four pictures of other colours and shapes in one, and how
/// much of the hottest tenth lies in the quarter that shows the label (the grid pointing game, Böhle et al. 2021, arXiv:2104.00032).
/// </summary>
internal static class HeatInMosaics
{
    private const int Mosaics = 100;

    public static void Run(ModelBundle bundle, ImageDataset data)
    {
        var (side, labels) = (bundle.Manifest.ImageSize, bundle.Labels);
        var network = NetworkFile.Check(File.ReadAllBytes(bundle.OnnxPath), bundle.OnnxPath);
        // Convolutions and pooling over the whole image take any size: a network of twice the side sees all four as it saw each.
        foreach (var dimension in network.Graph.Input[0].Type.TensorType.Shape.Dim.Skip(2)) dimension.DimValue = 2 * side;
        using var cam = GradCam.Of(network, bundle.OnnxPath, 2 * side, bundle.Manifest.Scaling, labels.Dimension, normalized: true, labels);
        var reader = new SquareReader(side, bundle.Manifest.Scaling, new(null), new PhotoRules { Reduction = new(bundle.Manifest.Scaling, side) });
        var (items, random, shares) = (data.Items.Where(item => item.Split != Split.Train).ToArray(), new Random(1), new List<double>());
        var (square, part, whole) = (new byte[reader.Length], new float[3 * side * side], new float[3 * 4 * side * side]);
        for (var i = 0; i < Mosaics; i++)
        {
            var chosen = new List<ImageItem>();
            while (chosen.Count < 4)
                if (items[random.Next(items.Length)] is var next && !chosen.Any(other => other.Label.Split('+').Intersect(next.Label.Split('+')).Any()))
                {
                    if (!reader.TryRead(new(data.FullPath(next)), square, out _, out var error)) throw new InvalidOperationException(error);
                    PlanarPixels.Fill(square, part);
                    for (var row = 0; row < 3 * side; row++)
                        part.AsSpan(row * side, side).CopyTo(whole.AsSpan((row / side * 2 + chosen.Count / 2) * side * 2 * side + row % side * 2 * side + chosen.Count % 2 * side));
                    chosen.Add(next);
                }
            for (var at = 0; at < 4; at++)
                shares.Add(cam.Explain(whole, labels.Vector(labels.IndexOf(chosen[at].Label)).ToArray()).ShareInside(SKRectI.Create(at % 2 * side, at / 2 * side, side, side), 2 * side));
        }
        Console.WriteLine($"{Mosaics} mosaics of four pictures: {shares.Average():P1} of the hottest tenth's heat in the label's quarter on average (by chance 25 %)");
    }
}

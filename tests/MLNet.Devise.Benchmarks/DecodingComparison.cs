using System.Globalization;
using MLNet.Devise.Scoring.Jpeg;
using SkiaSharp;

namespace MLNet.Devise.Benchmarks;

/// <summary>Our JPEG decoder beside Skia's on the same files, which are read before: CPU milliseconds a photo on one thread, medians of the turns.</summary>
internal static class DecodingComparison
{
    /// <param name="args">PHOTOS [turns].</param>
    public static int Run(string[] args)
    {
        if (args.Length < 1)
        {
            Console.Error.WriteLine("usage: decoding PHOTOS [turns=9]");
            return 2;
        }
        var files = Directory.EnumerateFiles(args[0], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToArray();
        var turns = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 9;
        var ways = new (string Name, Func<byte[], SKBitmap, SKCodec, bool> Decode)[]
        {
            ("Skia", (_, bitmap, codec) => codec.GetPixels(bitmap.Info, bitmap.GetPixels()) == SKCodecResult.Success),
            ("ours", (file, bitmap, _) => BaselineJpeg.TryDecode(file, bitmap)),
        };
        var times = ways.Select(_ => new List<double>()).ToArray();
        var decoded = new int[ways.Length];
        for (var turn = -1; turn < turns; turn++)
            for (var i = 0; i < ways.Length; i++)
            {
                var (spent, count) = (0.0, 0);
                foreach (var file in files)
                {
                    using var data = SKData.CreateCopy(file);
                    using var stream = new SKMemoryStream(data);
                    using var codec = SKCodec.Create(stream);
                    using var bitmap = new SKBitmap(new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Bgra8888, SKAlphaType.Opaque));
                    var before = ThreadTime.Now;
                    if (ways[i].Decode(file, bitmap, codec)) count++;
                    spent += ThreadTime.Since(ref before);
                }
                if (turn >= 0) times[i].Add(spent / files.Length);
                decoded[i] = count;
            }
        var medians = times.Select(list => list.Order().ElementAt(list.Count / 2)).ToArray();
        for (var i = 0; i < ways.Length; i++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ways[i].Name,-20} {medians[i],6:F3} ms a photo, {decoded[i]} of {files.Length} decoded, {medians[0] / medians[i]:F2} times as fast as Skia"));
        return 0;
    }
}

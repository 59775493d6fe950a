using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Microsoft.ML.Transforms.Onnx;

namespace MLNet.Devise.Benchmarks;

/// <summary>
/// <c>EmbedImages</c> beside ML.NET's own chain on the same photos and the same network, turn by turn in one process: CPU time and wall
/// time an image, medians of the turns. The chain as one writes it, and as one tunes it (one thread a run of the network).
/// </summary>
internal static class ScoringComparison
{
    /// <param name="args">BUNDLE PHOTOS [turns [the same network as an int8 bundle]].</param>
    public static int Run(string[] args)
    {
        if (args.Length < 2)
        {
            Console.Error.WriteLine("usage: scoring BUNDLE PHOTOS [turns=5 [INT8_BUNDLE]]");
            return 2;
        }
        var bundle = ModelBundle.Open(args[0]);
        var files = Directory.EnumerateFiles(args[1], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        var turns = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 5;
        var context = new MLContext();
        var photos = context.Data.LoadFromEnumerable(files.Select(path => new Photo { Path = path }));
        var ways = new Dictionary<string, ITransformer>
        {
            ["stock chain"] = Stock(context, bundle, null).Fit(photos),
            ["stock chain, tuned"] = Stock(context, bundle, 1).Fit(photos),
            ["EmbedImages"] = context.Transforms.EmbedImages(bundle).Fit(photos),
            ["EmbedImages, ORT alone"] = context.Transforms.EmbedImages(bundle, new() { FastConvolutions = false }).Fit(photos),
            ["EmbedImages, one worker"] = context.Transforms.EmbedImages(bundle, new() { Workers = 1, IntraOpThreads = 1 }).Fit(photos),
        };
        if (args.Length > 3) ways["EmbedImages, int8"] = context.Transforms.EmbedImages(ModelBundle.Open(args[3])).Fit(photos);
        var times = new Dictionary<string, List<(double Cpu, double Wall)>>();
        void Note(string name, double cpu, double wall)
        {
            if (!times.TryGetValue(name, out var list)) times[name] = list = [];
            list.Add((cpu, wall));
        }
        // Whole turns, so that no method is compiled anew, on a thread of its own, while another way is timed.
        foreach (var way in ways.Values) Read(way.Transform(photos));
        ScoringParts.Measure(bundle, files);
        for (var turn = 0; turn < turns; turn++)
        {
            foreach (var (name, way) in ways)
            {
                var rate = Rate.Of(() => Read(way.Transform(photos)));
                Note(name, 1000 / rate.PerCpuSecond, 1000 / rate.PerSecond);
            }
            foreach (var (name, cpu) in ScoringParts.Measure(bundle, files)) Note(name, cpu, double.NaN);
        }

        foreach (var (name, list) in times) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-28} {Median(list.Select(time => time.Cpu)),7:F2} ms CPU {Median(list.Select(time => time.Wall)),7:F2} ms wall an image"));
        double Cpu(string name) => Median(times[name].Select(time => time.Cpu));
        double Wall(string name) => Median(times[name].Select(time => time.Wall));
        foreach (var ours in (string[])["EmbedImages", "EmbedImages, int8"])
            if (times.ContainsKey(ours))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"stock / {ours}: {Cpu("stock chain") / Cpu(ours):F2} CPU, {Wall("stock chain") / Wall(ours):F2} wall; tuned stock / {ours}: {Cpu("stock chain, tuned") / Cpu(ours):F2} CPU, {Wall("stock chain, tuned") / Wall(ours):F2} wall"));
        var parts = ScoringParts.Names.Sum(Cpu);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one worker beyond the sum of its parts ({parts:F2} ms): {Cpu("EmbedImages, one worker") / parts - 1:P1}"));
        Single(context, bundle, photos, files, turns);
        foreach (var way in ways.Values) (way as IDisposable)?.Dispose();
        return 0;
    }

    /// <summary>A photo at a time through PredictionEngine beside its bare parts.</summary>
    private static void Single(MLContext context, ModelBundle bundle, IDataView photos, string[] files, int turns)
    {
        using var model = context.Transforms.EmbedImages(bundle, new() { Workers = 1, IntraOpThreads = 1 }).Fit(photos) as IDisposable;
        using var engine = context.Model.CreatePredictionEngine<Photo, Embedded>((ITransformer)model!);
        using var bare = new ScoringParts(bundle);
        var (through, alone) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < turns; turn++)
        {
            var clock = Stopwatch.StartNew();
            foreach (var file in files) engine.Predict(new() { Path = file });
            through.Add(clock.Elapsed.TotalMilliseconds / files.Length);
            clock.Restart();
            foreach (var file in files) bare.One(file);
            alone.Add(clock.Elapsed.TotalMilliseconds / files.Length);
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"PredictionEngine {Median(through):F2} ms, bare decode and session.Run {Median(alone):F2} ms a photo: {Median(through) / Median(alone):F3}"));
    }

    private static EstimatorChain<OnnxTransformer> Stock(MLContext context, ModelBundle bundle, int? threads)
    {
        var onnx = new OnnxOptions { ModelFile = bundle.OnnxPath, InputColumns = ["image"], OutputColumns = ["embedding"], IntraOpNumThreads = threads, InterOpNumThreads = threads };
        var side = bundle.Manifest.ImageSize;
        return context.Transforms.LoadImages("Photo", null, "Path")
            .Append(context.Transforms.ResizeImages("Photo", side, side, resizing: ImageResizingEstimator.ResizingKind.IsoCrop))
            .Append(context.Transforms.ExtractPixels("image", "Photo", scaleImage: 1 / 255f))
            .Append(context.Transforms.ApplyOnnxModel(onnx));
    }

    private static int Read(IDataView view)
    {
        var column = view.Schema["embedding"];
        using var cursor = view.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        var (embedding, rows) = (default(VBuffer<float>), 0);
        for (; cursor.MoveNext(); rows++) getter(ref embedding);
        return rows;
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;

    private sealed class Photo
    {
        public string Path { get; set; } = "";
    }

    private sealed class Embedded
    {
        [ColumnName("embedding")]
        public float[] Embedding { get; set; } = [];
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Labels.Cache;
using MLNet.Devise.Labels.Files;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Benchmarks;

/// <summary>
/// Word vectors of real size (1 M × 300 as text are 2.3 GB, drawn here): parsing, import, opening, nearest words, near spellings. Each is a
/// process of its own, so that its peak of memory is its own too. The files are removed afterwards, but for text that was there before.
/// </summary>
internal static class VectorFiles
{
    /// <param name="args">FOLDER [words [turns]]; no turns leave the text drawn for a later run.</param>
    public static int Run(string[] args)
    {
        if (args.Length < 1)
        {
            Console.Error.WriteLine("usage: vectors FOLDER [words=1000000 [turns=3]]");
            return 2;
        }
        if (args is ["--once", var one, var path])
        {
            Console.WriteLine(JsonSerializer.Serialize(Once(one, path)));
            return 0;
        }
        var words = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000;
        var turns = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 3;
        var text = Path.Combine(Directory.CreateDirectory(args[0]).FullName, "drawn.vec");
        var drawn = !File.Exists(text);
        try
        {
            if (drawn) DrawnVectors.Write(text, words, 300);
            if (turns == 0) return 0;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{words:N0} words of 300 values, {new FileInfo(text).Length / 1e6:F0} MB of text; {Environment.ProcessorCount} processors"));
            foreach (var step in (string[])["parse", "import fp32", "import int8", "verify", "open", "nearest fp32", "nearest int8", "nearest text", "spelling", "labels"])
            {
                var figures = new Dictionary<string, List<double>>();
                for (var turn = 0; turn < turns; turn++)
                    foreach (var (name, value) in Turn(step, text))
                    {
                        if (!figures.TryGetValue(name, out var list)) figures[name] = list = [];
                        list.Add(value);
                    }
                Console.WriteLine($"{step,-14} {string.Join("   ", figures.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value.Order().ElementAt(turns / 2):F1}")))}");
            }
        }
        finally
        {
            File.Delete(Cache(text, "fp32"));
            File.Delete(Cache(text, "int8"));
            if (drawn && turns > 0) File.Delete(text);
        }
        return 0;
    }

    private static Dictionary<string, double> Turn(string step, string path)
    {
        string[] self = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(VectorFiles).Assembly.Location] : [];
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. self, "vectors", "--once", step, path]) { RedirectStandardOutput = true })!;
        var figures = JsonSerializer.Deserialize<Dictionary<string, double>>(process.StandardOutput.ReadToEnd())!;
        process.WaitForExit();
        return figures;
    }

    private static Dictionary<string, double> Once(string step, string path)
    {
        var (clock, figures) = (Stopwatch.StartNew(), new Dictionary<string, double>());
        void Note(string name, double value) => figures[name] = value;
        var megabytes = new FileInfo(path).Length / 1e6;
        switch (step.Split(' '))
        {
            case ["parse"]:
                using (WordVectors.Open(path)) Note("MB/s", megabytes / clock.Elapsed.TotalSeconds);
                break;
            case ["import", var precision]:
                using (var reader = VectorReader.Open(path)) CacheWriter.Write(reader, Cache(path, precision), precision == "fp32" ? CachePrecision.Fp32 : CachePrecision.Int8, null, CancellationToken.None);
                Note("MB/s", megabytes / clock.Elapsed.TotalSeconds);
                Note("cache MB", new FileInfo(Cache(path, precision)).Length / 1e6);
                break;
            case ["verify"]:
                using (var cache = VectorCache.Open(VectorFile.Find(Cache(path, "fp32")))) cache.Verify();
                Note("s", clock.Elapsed.TotalSeconds);
                break;
            case ["open"]:
                using (WordVectors.Open(Cache(path, "fp32"))) Note("first, ms", clock.Elapsed.TotalMilliseconds);
                clock.Restart();
                using (WordVectors.Open(Cache(path, "fp32"))) Note("again, ms", clock.Elapsed.TotalMilliseconds);
                break;
            case ["nearest", var kind]:
                using (var vectors = WordVectors.Open(kind == "text" ? path : Cache(path, kind))) Nearest(vectors, Note);
                break;
            case ["labels"]:
                NameRows(LabelSpace.ReadVec(Cache(path, "fp32")), clock, Note);
                break;
            case ["spelling"]:
                Spelling.Near(["zebar"], Cache(path, "fp32"), 3);
                Note("first, ms", clock.Elapsed.TotalMilliseconds);
                clock.Restart();
                Spelling.Near(["polar bera"], Cache(path, "fp32"), 3);
                Note("again, ms", clock.Elapsed.TotalMilliseconds);
                break;
        }
        Note("peak MB", Process.GetCurrentProcess().PeakWorkingSet64 / 1e6);
        return figures;
    }

    private static void Nearest(WordVectors vectors, Action<string, double> note)
    {
        var (query, times) = (new float[vectors.Dimension], new List<double>());
        for (var i = 0; i < 11; i++)
        {
            vectors.Read(vectors.Count / 12 * (i + 1), query);
            var clock = Stopwatch.StartNew();
            vectors.Nearest(query, 10);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }
        note("first, ms", times[0]);
        note("later, ms", times.Skip(1).Order().ElementAt(5));
    }

    /// <summary>A whole vocabulary as label list: reading it, and <c>NearestLabels</c> over rows of embeddings.</summary>
    private static void NameRows(LabelSpace labels, Stopwatch clock, Action<string, double> note)
    {
        note("read, ms", clock.Elapsed.TotalMilliseconds);
        const int Rows = 256;
        var (context, random) = (new MLContext(), new Random(1));
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[Columns.Embedding].ColumnType = new VectorDataViewType(NumberDataViewType.Single, labels.Dimension);
        // Near some word, as an image's vector is.
        var rows = Enumerable.Range(0, Rows).Select(i => new Row { Embedding = [.. labels.Vector(random.Next(labels.Names.Count)).ToArray().Select(value => value + 0.02f * (float)(random.NextDouble() - 0.5))] }).ToArray();
        foreach (var row in rows) TensorPrimitives.Divide(row.Embedding, TensorPrimitives.Norm<float>(row.Embedding), row.Embedding);
        var named = context.Transforms.NearestLabels(labels, new() { K = 5 }).Fit(context.Data.LoadFromEnumerable(rows, schema));
        clock.Restart();
        var count = named.Transform(context.Data.LoadFromEnumerable(rows, schema)).GetColumn<float[]>(Columns.Scores).Count();
        note("ms a row", clock.Elapsed.TotalMilliseconds / count);
    }

    private sealed class Row
    {
        [ColumnName(Columns.Embedding)]
        public float[] Embedding { get; set; } = [];
    }

    private static string Cache(string path, string precision) => path + (precision == "fp32" ? ".cache" : ".int8");
}

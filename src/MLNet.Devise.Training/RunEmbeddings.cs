using System.Globalization;
using System.Text.Json;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Training.Backbones;
using static TorchSharp.torch;

namespace MLNet.Devise.Training;

/// <summary>
/// Where some validation images lay after each epoch of stage 2: <c>embeddings/epoch-01.safetensors</c> and so on in a run's folder, vectors
/// of length 1 in 16 bits, and the images' paths and classes in the header.
/// </summary>
internal sealed class RunEmbeddings
{
    /// <summary>The folder in a run's folder.</summary>
    public const string FolderName = "embeddings";

    private const string TensorName = "embeddings";
    private const string Pattern = "epoch-*.safetensors";
    private const int MostEpochs = 10_000;

    private readonly string _folder;
    private readonly HashSet<string> _kept;
    private readonly List<(ImageItem Item, float[] Vector)> _rows = [];

    /// <param name="runFolder">The run's folder.</param>
    /// <param name="valid">The validation images.</param>
    /// <param name="count">How many of them are kept: as many of each class as can be.</param>
    /// <param name="seed">Draws them.</param>
    public RunEmbeddings(string runFolder, IEnumerable<ImageItem> valid, int count, long seed)
    {
        _folder = Path.Combine(runFolder, FolderName);
        _kept = [.. valid.GroupBy(item => item.Label).SelectMany(items => items.OrderBy(Order).Select((item, turn) => (Item: item, Turn: turn)))
            .OrderBy(entry => entry.Turn).ThenBy(entry => Order(entry.Item)).Take(count).Select(entry => entry.Item.Path)];
        ulong Order(ImageItem item) => StableHash.Of(item.Path, seed);
    }

    /// <summary>Takes a batch of validation.</summary>
    /// <param name="output">The network's output, N×dimension, of any length.</param>
    /// <param name="items">The images, N.</param>
    public void Add(Tensor output, IReadOnlyList<ImageItem> items)
    {
        using var scope = NewDisposeScope();
        int[] rows = [.. Enumerable.Range(0, items.Count).Where(i => _kept.Contains(items[i].Path))];
        if (rows.Length == 0) return;
        var unit = nn.functional.normalize(output.detach()).cpu();
        foreach (var row in rows) _rows.Add((items[row], unit[row].contiguous().data<float>().ToArray()));
    }

    /// <summary>Writes what was taken as one epoch's file, whole, and begins anew; nothing where nothing was taken.</summary>
    public void Write(int epoch)
    {
        if (_rows.Count == 0) return;
        Safetensors.Write(Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"epoch-{epoch:00}.safetensors")),
            [(TensorName, new([_rows.Count, _rows[0].Vector.Length], [.. _rows.SelectMany(row => row.Vector)]))],
            new Dictionary<string, string>
            {
                ["epoch"] = epoch.ToString(CultureInfo.InvariantCulture),
                ["paths"] = JsonSerializer.Serialize(_rows.Select(row => row.Item.Path)),
                ["labels"] = JsonSerializer.Serialize(_rows.Select(row => row.Item.Label)),
            }, half: true);
        _rows.Clear();
    }

    /// <summary>What a run kept; null where it kept nothing.</summary>
    /// <exception cref="DeviseInputException">A file is damaged, or not of the same images as the others.</exception>
    public static EmbeddingHistory? Read(string runFolder)
    {
        var folder = Path.Combine(runFolder, FolderName);
        if (!Directory.Exists(folder)) return null;
        string[] files = [.. Directory.EnumerateFiles(folder, Pattern).Take(MostEpochs)];
        var epochs = files.Select(ReadEpoch).OrderBy(file => file.Epoch.Epoch).ToArray();
        if (epochs.Length == 0) return null;
        var (_, paths, labels, _) = epochs[0];
        var other = epochs.FirstOrDefault(epoch => !epoch.Paths.SequenceEqual(paths) || !epoch.Labels.SequenceEqual(labels));
        return other.Path is null
            ? new(paths, labels, [.. epochs.Select(epoch => epoch.Epoch)])
            : throw new DeviseInputException($"{other.Path}: of other images than {epochs[0].Path}; delete the folder, or train again");
    }

    /// <summary>Takes away what an older run left.</summary>
    public static void Clear(string runFolder)
    {
        var folder = Path.Combine(runFolder, FolderName);
        if (!Directory.Exists(folder)) return;
        foreach (var file in Directory.EnumerateFiles(folder, Pattern)) File.Delete(file);
    }

    private static (string Path, string[] Paths, string[] Labels, EpochEmbeddings Epoch) ReadEpoch(string file)
    {
        var header = new Dictionary<string, string>();
        var tensors = Safetensors.Read(file, header);
        try
        {
            string[] Texts(string key) => JsonSerializer.Deserialize<string[]>(header.GetValueOrDefault(key) ?? throw new JsonException($"no {key}"))!;
            var (paths, labels) = (Texts("paths"), Texts("labels"));
            if (int.TryParse(header.GetValueOrDefault("epoch"), CultureInfo.InvariantCulture, out var epoch)
                && tensors.TryGetValue(TensorName, out var found) && found.Shape is [var rows, > 0 and var size] && rows > 0 && rows == paths.Length && rows == labels.Length)
                return (file, paths, labels, new(epoch, [.. found.Values.Chunk((int)size)]));
        }
        catch (JsonException) { /* told below */ }
        throw new DeviseInputException($"{file}: not the embeddings of an epoch; delete it, or train again");
    }
}

using System.IO.Compression;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Labels.Files;
using MLNet.Devise.Onnx;
using MLNet.Devise.Scoring.Embedding;
using MLNet.Devise.Scoring.Engine;
using MLNet.Devise.Scoring.Ranking;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Scoring;

/// <summary>A saved model's zip, read for the marks that our operators left in it (see <see cref="SavedOperators"/>).</summary>
internal sealed class SavedChain : IDisposable
{
    // Leaves of the stock chains that stand for an operator.
    private const int PathEmbedding = 5, ImageEmbedding = 4, Ranking = 3;

    private readonly string _path;
    private readonly LoadScoringOptions _options;
    private readonly ZipArchive _zip;
    private bool _embeds, _ranks;

    /// <param name="path">The zip.</param>
    /// <param name="options">What to change.</param>
    /// <exception cref="DeviseInputException">It is no zip.</exception>
    public SavedChain(string path, LoadScoringOptions options)
    {
        (_path, _options) = (path, options);
        try { _zip = ZipFile.OpenRead(path); }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new DeviseInputException($"{path}: cannot be read as a saved model: {e.Message}", e);
        }
    }

    /// <summary>The transformer with ours in the place of the stock chains that stand for them; what is replaced is disposed.</summary>
    /// <param name="stock">What ML.NET loaded.</param>
    /// <param name="folder">Where the zip keeps it.</param>
    public ITransformer Restore(ITransformer stock, string folder = "TransformerChain")
    {
        var leaves = Leaves(stock).ToArray();
        var marked = Models(folder).ToArray();
        if (marked.Length == 0) return stock;
        if (marked.Length == 1 && Operator(marked[0], leaves.Length) is { } ours)
        {
            foreach (var leaf in leaves.OfType<IDisposable>()) leaf.Dispose();
            return ours;
        }
        return stock is TransformerChain<ITransformer> chain ? new TransformerChain<ITransformer>([.. chain.Select((part, i) => Restore(part, $"{folder}/Transform_{i:D3}"))]) : stock;
    }

    /// <summary>Throws where an option had nothing to act on: after <see cref="Restore"/>, which tells what is there.</summary>
    /// <exception cref="DeviseInputException">A folder without an embedder, or labels, k or ranking without a ranker.</exception>
    public void CheckUsed()
    {
        if (_options.Folder is not null && !_embeds) throw new DeviseInputException($"{_path}: folder: no EmbedImages of this library in it that could start from '{_options.Folder}'; leave the option out, or save a chain with EmbedImages or ScoreImages");
        if ((_options.Labels, _options.K, _options.Ranking) is not (null, null, null) && !_ranks)
            throw new DeviseInputException($"{_path}: {(_options.Labels is not null ? "labels" : _options.K is not null ? "k" : "ranking")}: no NearestLabels of this library in it that could take them; leave the option out, or save a chain with NearestLabels or ScoreImages");
    }

    public void Dispose() => _zip.Dispose();

    private static IEnumerable<ITransformer> Leaves(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> parts ? parts.SelectMany(Leaves) : [transformer];

    private ITransformer? Operator(ModelProto model, int leaves)
    {
        if (SavedOperators.Read<SavedEmbedding>(model, _path) is { } embedding)
            return leaves == (embedding.Kind == ImageKind.Path ? PathEmbedding : ImageEmbedding) ? Embedder(model, embedding) : null;
        return leaves == Ranking && SavedOperators.Read<SavedLabels>(model, _path) is { } labels ? Ranker(model, labels.Options) : null;
    }

    private ImageEmbedder Embedder(ModelProto model, SavedEmbedding saved)
    {
        if (saved.Side is < 16 or > 4096 || saved.Dimension is < 1 or > FormatSniffer.MaxDimension)
            throw new DeviseInputException($"{_path}: images of {saved.Side} pixels a side to vectors of {saved.Dimension} values, expected 16 to 4096 and 1 to {FormatSniffer.MaxDimension}: it is damaged, save the model again");
        StockEmbedding.Rename(model, StockEmbedding.PixelsName(saved.Options), Columns.Pixels, saved.Options.EmbeddingColumnName, Columns.Embedding);
        model.MetadataProps.Clear();
        var onnx = model.ToByteArray();
        NetworkFile.Check(onnx, _path);
        var options = saved.Options with { Folder = _options.Folder ?? saved.Options.Folder, Workers = _options.Workers, IntraOpThreads = _options.IntraOpThreads, Provider = _options.Provider, FastConvolutions = _options.FastConvolutions, Cancellation = _options.Cancellation };
        _embeds = true;
        return new(new(onnx, _path, saved.Side, saved.Scaling, saved.Dimension), options.Validated(), saved.Kind);
    }

    private LabelRanker Ranker(ModelProto model, NearestLabelsOptions saved)
    {
        var labels = _options.Labels ?? Labels(model);
        _ranks = true;
        return new(labels, saved with { K = _options.K ?? Math.Min(saved.K, labels.Names.Count), Ranking = _options.Ranking ?? saved.Ranking });
    }

    private LabelSpace Labels(ModelProto model)
    {
        var constants = model.Graph.Initializer.ToDictionary(tensor => tensor.Name);
        if (!constants.TryGetValue(LabelGraph.Names, out var names) || !constants.TryGetValue(LabelGraph.Vectors, out var vectors) || names.StringData.Count < 2)
            throw new DeviseInputException($"{_path}: its labels are missing; save the model again");
        var count = names.StringData.Count - 1;
        var transposed = MemoryMarshal.Cast<byte, float>(vectors.RawData.Span);
        var dimension = transposed.Length / count;
        var rows = new float[transposed.Length];
        for (var j = 0; j < dimension; j++)
            for (var i = 0; i < count; i++) rows[i * dimension + j] = transposed[j * count + i];
        return new([.. names.StringData.Take(count).Select(name => name.ToStringUtf8())], rows);
    }

    /// <summary>The marked networks below a folder of the zip.</summary>
    private IEnumerable<ModelProto> Models(string folder)
    {
        foreach (var entry in _zip.Entries)
        {
            var name = entry.FullName.Replace('\\', '/');
            if (!name.StartsWith($"{folder}/", StringComparison.Ordinal) || !name.EndsWith("/OnnxModel", StringComparison.Ordinal)) continue;
            using var stream = entry.Open();
            // ML.NET puts the length before the bytes.
            stream.ReadExactly(new byte[sizeof(int)]);
            var model = TryParse(stream);
            if (model is not null && SavedOperators.IsMarked(model)) yield return model;
        }
    }

    private static ModelProto? TryParse(Stream stream)
    {
        try { return ModelProto.Parser.ParseFrom(stream); }
        catch (InvalidProtocolBufferException) { return null; }
    }
}

using MLNet.Devise.Scoring;
using MLNet.Devise.Scoring.Embedding;
using MLNet.Devise.Scoring.Engine;

namespace MLNet.Devise.Benchmarks;

/// <summary>What scoring a photo is made of, each alone on one thread: decoding, scaling, pixels into the tensor, the network.</summary>
internal sealed class ScoringParts : IDisposable
{
    private readonly EmbeddingModel _model;
    private readonly PhotoRules _rules;
    private readonly Network _network;
    private readonly byte[] _pixels;
    private readonly float[] _embeddings;
    private readonly int _length, _side, _dimension, _batch;

    public ScoringParts(ModelBundle bundle)
    {
        (_side, _dimension) = (bundle.Manifest.ImageSize, bundle.Manifest.Dimension);
        _length = InterleavedPixels.Channels * _side * _side;
        _model = EmbeddingModel.Of(bundle);
        _rules = new EmbedImagesOptions().Rules(_model.Scaling, _side);
        _network = new Network(_model.Onnx, bundle.OnnxPath, 1, side: _side);
        _batch = _network.HasTrunk ? EngineLayout.TrunkBatch(_side) : new EmbedImagesOptions().Layout(_side, _model.Onnx.Length).BatchSize;
        (_pixels, _embeddings) = (new byte[_batch * _length], new float[_batch * _dimension]);
    }

    public static IReadOnlyList<string> Names { get; } = ["  decode", "  resize", "  pixels", "  network"];

    /// <summary>CPU milliseconds a photo of each part.</summary>
    public static IReadOnlyDictionary<string, double> Measure(ModelBundle bundle, string[] files)
    {
        using var parts = new ScoringParts(bundle);
        var spent = new double[Names.Count];
        var have = 0;
        foreach (var file in files)
        {
            var before = ThreadTime.Now;
            using var photo = Scoring.Photo.TryDecode(file, parts._rules, out var whole, out _, out _);
            spent[0] += ThreadTime.Since(ref before);
            if (photo is null) continue;
            using var square = parts._model.Scaling.Square(photo, parts._side, whole);
            spent[1] += ThreadTime.Since(ref before);
            InterleavedPixels.Copy(square, parts._pixels.AsSpan(have * parts._length, parts._length));
            spent[2] += ThreadTime.Since(ref before);
            if (++have < parts._batch) continue;
            parts._network.Run(parts._pixels, have, parts._side, parts._embeddings, parts._dimension);
            spent[3] += ThreadTime.Since(ref before);
            have = 0;
        }
        return Names.Zip(spent, (name, time) => (name, time / files.Length)).ToDictionary();
    }

    /// <summary>One photo, one run.</summary>
    public void One(string file)
    {
        using var photo = Scoring.Photo.TryDecode(file, _rules, out var whole, out _, out _);
        if (photo is null) return;
        using var square = _model.Scaling.Square(photo, _side, whole);
        InterleavedPixels.Copy(square, _pixels.AsSpan(0, _length));
        _network.Run(_pixels, 1, _side, _embeddings, _dimension);
    }

    public void Dispose() => _network.Dispose();
}

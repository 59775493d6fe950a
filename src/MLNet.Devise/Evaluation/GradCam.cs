using System.Numerics.Tensors;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using MLNet.Devise.Evaluation.Heat;
using MLNet.Devise.Labels;
using MLNet.Devise.Onnx;
using MLNet.Devise.Scoring;
using MLNet.Devise.Scoring.Engine;

namespace MLNet.Devise.Evaluation;

/// <summary>
/// Says which parts of a photo a score comes from (Grad-CAM, Selvaraju et al. 2017, arXiv:1610.02391). The gradients are computed by the
/// network's own ONNX graph, so a bundle is all it takes. Not for several threads at a time.
/// </summary>
/// <remarks>
/// The map of a bundle's network is that of the product of its output, before that is brought to length 1, with a direction less the mean of
/// all labels' vectors: what speaks for a label rather than for labels in general. It is drawn on the last feature maps; where those have
/// fewer than 6 cells a side, on the deepest that have as many, each cell with its own gradient (HiResCAM, Draelos and Carin 2020,
/// arXiv:2011.08891).
/// </remarks>
public sealed class GradCam : IDisposable
{
    private readonly InferenceSession _session;
    private readonly SquareReader _squares;
    private readonly byte[] _square;
    private readonly float[] _pixels;

    private readonly HeatGraph _graph;
    private readonly Func<string, float[]?> _directionOf;
    private readonly float[] _common;

    private GradCam(HeatGraph graph, string source, int side, ImageScaling scaling, int dimension, Func<string, float[]?> directionOf, float[]? common = null)
    {
        using var options = ExecutionProviders.Settings(ExecutionProvider.Cpu, intraOpThreads: 0);
        // A smaller precision is computed in floats: gradients read what ONNX Runtime would fuse into integer operators.
        options.AddSessionConfigEntry("session.disable_quant_qdq", "1");
        try { _session = new InferenceSession(graph.Network.ToByteArray(), options); }
        catch (OnnxRuntimeException e) { throw NetworkFile.CannotLoad(source, e); }
        (_squares, Dimension, _directionOf) = (new SquareReader(side, scaling, new(null), new PhotoRules { Reduction = new(scaling, side) }), dimension, directionOf);
        (_graph, _square, _pixels, _common) = (graph, new byte[_squares.Length], new float[PlanarPixels.Planes * side * side], common ?? new float[dimension]);
    }

    /// <summary>Values a direction has.</summary>
    public int Dimension { get; }

    /// <summary>Cells a side of the network's last feature maps, where heat is drawn on earlier and finer ones.</summary>
    internal int? TooCoarse => _graph.Drawn == _graph.Last ? null : _graph.Last.Grid?.Cells;

    /// <summary>Of a bundle's network: scores are cosines with a label's vector.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="labels">Labels that can be asked for; null for the bundle's own.</param>
    /// <exception cref="NotSupportedException">The network's head has an operator without a gradient rule, or does not take the maximum of its feature maps over the whole image.</exception>
    public static GradCam Of(ModelBundle bundle, LabelSpace? labels = null)
    {
        var (network, space) = (NetworkFile.Check(File.ReadAllBytes(bundle.OnnxPath), bundle.OnnxPath), labels ?? bundle.Labels);
        return new(HeatGraph.Of(network), bundle.OnnxPath, bundle.Manifest.ImageSize, bundle.Manifest.Scaling, bundle.Manifest.Dimension,
            label => VectorOf(space, label), Mean(space));
    }

    /// <summary>Of any exported network.</summary>
    /// <param name="network">From <c>image</c> to an output that is brought to length 1 at the end.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <param name="side">Side of its square, pixels.</param>
    /// <param name="scaling">How its training scaled.</param>
    /// <param name="dimension">Values of its output.</param>
    /// <param name="normalized">Whether the score told is a cosine; else that of the output as it is before it is brought to length 1.</param>
    /// <param name="labels">Labels that can be asked for by name, whose mean is left out of every direction; null for none.</param>
    internal static GradCam Of(ModelProto network, string source, int side, ImageScaling scaling, int dimension, bool normalized, LabelSpace? labels = null) =>
        new(HeatGraph.Of(network, normalized), source, side, scaling, dimension, label => labels is null ? null : VectorOf(labels, label), labels is null ? null : Mean(labels));

    /// <summary>Of a classifier: scores are its logits.</summary>
    /// <param name="network">From <c>image</c> to logits that are brought to length 1 at the end, as every exported output is.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <param name="side">Side of its square, pixels.</param>
    /// <param name="scaling">How its training scaled.</param>
    /// <param name="classes">The classes of its logits.</param>
    internal static GradCam OfClassifier(ModelProto network, string source, int side, ImageScaling scaling, IReadOnlyList<string> classes) =>
        new(HeatGraph.Of(network, normalized: false), source, side, scaling, classes.Count, label =>
        {
            var direction = new float[classes.Count];
            for (var i = 0; i < direction.Length; i++) direction[i] = classes[i] == label ? 1 : 0;
            return direction.Contains(1) ? direction : null;
        });

    /// <summary>Where in a photo the score of a label comes from.</summary>
    /// <param name="file">An image file.</param>
    /// <param name="label">A label's name.</param>
    /// <returns>The map over the centre square that the network sees, or <see langword="null"/> where the file cannot be read or the label is not known.</returns>
    public HeatMap? Explain(string file, string label) => _directionOf(label) is { } direction ? Explain(file, direction) : null;

    /// <summary>The same for any direction.</summary>
    /// <param name="file">An image file.</param>
    /// <param name="direction">What is looked for: a unit vector; <see cref="Dimension"/> values.</param>
    /// <exception cref="ArgumentException">The direction has another number of values.</exception>
    public HeatMap? Explain(string file, ReadOnlySpan<float> direction)
    {
        if (direction.Length != Dimension) throw new ArgumentException($"{direction.Length} values, expected {Dimension}", nameof(direction));
        if (!_squares.TryRead(new(file), _square, out _, out _)) return null;
        PlanarPixels.Fill(_square, _pixels);
        return Explain(_pixels, direction.ToArray());
    }

    /// <summary>The same for pixels, 3 × side × side in 0..1.</summary>
    internal HeatMap Explain(float[] pixels, float[] direction)
    {
        var wanted = new float[Dimension];
        TensorPrimitives.Subtract(direction, _common, wanted);
        using var image = OrtValue.CreateTensorValueFromMemory(pixels, [1, 3, _squares.Side, _squares.Side]);
        using var second = OrtValue.CreateTensorValueFromMemory(wanted, [1, Dimension]);
        using var options = new RunOptions();
        using var results = _session.Run(options, [Columns.Pixels, HeatGraph.Direction], [image, second], [_graph.Output, HeatGraph.Map]);
        var (score, shape) = (TensorPrimitives.Dot(results[0].GetTensorDataAsSpan<float>(), direction), results[1].GetTensorTypeAndShape().Shape);
        return new(score, (int)shape[2], (int)shape[1], results[1].GetTensorDataAsSpan<float>().ToArray()) { Places = _graph.Drawn.Grid is { } grid ? (grid, _squares.Side) : null };
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static float[]? VectorOf(LabelSpace labels, string label) => labels.IndexOf(label) is >= 0 and var index ? labels.Vector(index).ToArray() : null;

    /// <summary>What all labels share; nothing where there is one label only.</summary>
    private static float[] Mean(LabelSpace labels)
    {
        var mean = new float[labels.Dimension];
        if (labels.Names.Count == 1) return mean;
        for (var i = 0; i < labels.Names.Count; i++) TensorPrimitives.Add(mean, labels.Vector(i), mean);
        TensorPrimitives.Divide(mean, labels.Names.Count, mean);
        return mean;
    }
}

using Microsoft.ML.OnnxRuntime;
using MLNet.Devise.Evaluation.Heat;
using MLNet.Devise.Onnx;
using MLNet.Devise.Scoring;
using MLNet.Devise.Scoring.Engine;

namespace MLNet.Devise.Evaluation;

/// <summary>
/// Says which parts of a photo a score comes from (Grad-CAM, Selvaraju et al. 2017, arXiv:1610.02391). The gradients are computed by the
/// network's own ONNX graph, so a bundle is all it takes. Not for several threads at a time.
/// </summary>
public sealed class GradCam : IDisposable
{
    private readonly InferenceSession _session;
    private readonly SquareReader _squares;
    private readonly float[] _pixels;

    private GradCam(byte[] graph, string source, int side, ImageScaling scaling, int dimension)
    {
        using var options = ExecutionProviders.Settings(ExecutionProvider.Cpu, intraOpThreads: 0);
        try { _session = new InferenceSession(graph, options); }
        catch (OnnxRuntimeException e) { throw NetworkFile.CannotLoad(source, e); }
        (_squares, Dimension) = (new SquareReader(side, scaling, new(null), PhotoRules.Default), dimension);
        _pixels = new float[3 * side * side];
    }

    /// <summary>Values a direction has.</summary>
    public int Dimension { get; }

    /// <summary>Of a bundle's network: scores are cosines with a direction, for instance a label's vector.</summary>
    /// <exception cref="NotSupportedException">The network's head has an operator without a gradient rule, or its maps are not pooled once over the whole image.</exception>
    public static GradCam Of(ModelBundle bundle)
    {
        var network = NetworkFile.Check(File.ReadAllBytes(bundle.OnnxPath), bundle.OnnxPath);
        return new(HeatGraph.Of(network), bundle.OnnxPath, bundle.Manifest.ImageSize, bundle.Manifest.Scaling, bundle.Manifest.Dimension);
    }

    /// <summary>Of any exported network.</summary>
    /// <param name="network">From <c>image</c> to an output that is brought to length 1 at the end.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <param name="side">Side of its square, pixels.</param>
    /// <param name="scaling">How its training scaled.</param>
    /// <param name="dimension">Values of its output.</param>
    /// <param name="normalized">
    /// Whether the score is taken of the output at length 1; else of what it is before, of a classifier's logits, where a direction is 1 at a
    /// class and 0 elsewhere.
    /// </param>
    internal static GradCam Of(ModelProto network, string source, int side, ImageScaling scaling, int dimension, bool normalized) =>
        new(HeatGraph.Of(network, normalized), source, side, scaling, dimension);

    /// <summary>Where in a photo the score of a direction comes from.</summary>
    /// <param name="file">An image file.</param>
    /// <param name="direction">What is looked for: a unit vector, for instance a label's; <see cref="Dimension"/> values.</param>
    /// <returns>The map over the centre square that the network sees, or <see langword="null"/> where the file cannot be read.</returns>
    /// <exception cref="ArgumentException">The direction has another number of values.</exception>
    public HeatMap? Explain(string file, ReadOnlySpan<float> direction)
    {
        if (direction.Length != Dimension) throw new ArgumentException($"{direction.Length} values, expected {Dimension}", nameof(direction));
        return _squares.TryRead(new(file), _pixels, out _, out _) ? Explain(_pixels, direction.ToArray()) : null;
    }

    /// <summary>The same for pixels, 3 × side × side in 0..1.</summary>
    internal HeatMap Explain(float[] pixels, float[] direction)
    {
        using var image = OrtValue.CreateTensorValueFromMemory(pixels, [1, 3, _squares.Side, _squares.Side]);
        using var wanted = OrtValue.CreateTensorValueFromMemory(direction, [1, Dimension]);
        using var options = new RunOptions();
        using var results = _session.Run(options, [Columns.Pixels, HeatGraph.Direction], [image, wanted], [HeatGraph.Score, HeatGraph.Map]);
        var shape = results[1].GetTensorTypeAndShape().Shape;
        return new(results[0].GetTensorDataAsSpan<float>()[0], (int)shape[2], (int)shape[1], results[1].GetTensorDataAsSpan<float>().ToArray());
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}

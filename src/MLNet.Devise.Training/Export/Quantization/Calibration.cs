using System.Numerics.Tensors;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using MLNet.Devise.Onnx;

namespace MLNet.Devise.Training.Export.Quantization;

/// <summary>What the values of a network are like on real images: their distribution, by shared scale, and the channel means of what layers read.</summary>
internal sealed class Calibration
{
    private readonly Dictionary<string, ValueHistogram> _histograms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (double[] Sums, long Count)> _sums = new(StringComparer.Ordinal);

    /// <summary>Images looked at.</summary>
    public int Images { get; private set; }

    public ValueHistogram Histogram(string scale) => _histograms[scale];

    /// <summary>Mean of each channel of a value that a layer reads.</summary>
    public double[] Means(string value) => [.. _sums[value].Sums.Select(sum => sum / _sums[value].Count)];

    /// <summary>Runs a network of floats and looks at every value that is to become bytes.</summary>
    /// <param name="model">The network, already folded.</param>
    /// <param name="placement">Which values.</param>
    /// <param name="batches">Images, see <see cref="PixelBatch"/>; a few at a time, since all values of a batch are in memory at once.</param>
    /// <exception cref="InvalidOperationException">No image, or a value that is not finite.</exception>
    public static Calibration Run(ModelProto model, Placement placement, IEnumerable<PixelBatch> batches)
    {
        var calibration = new Calibration();
        var inputs = model.Graph.Input.Select(input => input.Name).ToArray();
        string[] watched = [.. placement.Values.Except(inputs)];
        var read = placement.Layers.Select(layer => layer.Input[0]).ToHashSet(StringComparer.Ordinal);
        using var settings = new SessionOptions();
        using var session = new InferenceSession(Watching(model, watched).ToByteArray(), settings);
        using var run = new RunOptions();
        foreach (var batch in batches)
        {
            using var pixels = OrtValue.CreateTensorValueFromMemory(batch.Pixels, batch.Shape);
            using var values = session.Run(run, inputs, [pixels], watched);
            foreach (var (value, tensor) in watched.Zip(values)) calibration.Look(value, tensor, placement, read);
            foreach (var input in inputs.Intersect(placement.Values)) calibration.Look(input, pixels, placement, read);
            calibration.Images += batch.Count;
        }
        return calibration.Images > 0 ? calibration : throw new InvalidOperationException("calibration: no image to calibrate with");
    }

    private void Look(string value, OrtValue tensor, Placement placement, HashSet<string> read)
    {
        var values = tensor.GetTensorDataAsSpan<float>();
        var scale = placement.ScaleOf(value);
        if (!_histograms.TryGetValue(scale, out var histogram)) _histograms[scale] = histogram = new();
        histogram.Add(values);
        if (!read.Contains(value)) return;
        var shape = tensor.GetTensorTypeAndShape().Shape;
        var (channels, plane) = ((int)shape[1], values.Length / (int)(shape[0] * shape[1]));
        var (sums, count) = _sums.TryGetValue(value, out var before) ? before : (new double[channels], 0);
        for (var i = 0; i < shape[0] * channels; i++) sums[i % channels] += TensorPrimitives.Sum(values.Slice(i * plane, plane));
        _sums[value] = (sums, count + shape[0] * plane);
    }

    /// <summary>The same network with further values as outputs.</summary>
    private static ModelProto Watching(ModelProto model, string[] values)
    {
        var copy = model.Clone();
        var known = copy.Graph.Output.Select(output => output.Name).ToArray();
        foreach (var value in values.Except(known))
            copy.Graph.Output.Add(new ValueInfoProto { Name = value, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } } });
        return copy;
    }
}

using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Export;

/// <summary>Runs the same images through TorchSharp and ONNX Runtime and compares every output value.</summary>
internal static class ParityCheck
{
    /// <summary>Above this the export is refused.</summary>
    public const double Limit = 1e-4;

    /// <summary>Largest |difference| of unit-length embeddings over all batches.</summary>
    /// <param name="net">The network as trained.</param>
    /// <param name="onnx">Its export.</param>
    /// <param name="batches">Pixels N×3×size×size in 0..1, and N.</param>
    /// <param name="imageSize">Side of the square.</param>
    public static double MaxDifference(nn.Module<Tensor, Tensor> net, byte[] onnx, IEnumerable<(float[] Pixels, int Count)> batches, int imageSize)
    {
        net.eval();
        using var untracked = no_grad();
        using var settings = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(onnx, settings);
        var largest = 0.0;
        foreach (var (pixels, count) in batches)
        {
            long[] shape = [count, 3, imageSize, imageSize];
            using var scope = NewDisposeScope();
            var expected = nn.functional.normalize(net.call(tensor(pixels, shape))).data<float>().ToArray();
            using var input = OrtValue.CreateTensorValueFromMemory(pixels, shape);
            using var run = new RunOptions();
            using var outputs = session.Run(run, [OnnxExporter.Input], [input], [OnnxExporter.Output]);
            var actual = outputs[0].GetTensorDataAsSpan<float>();
            if (actual.Length != expected.Length) throw new InvalidOperationException($"ONNX Runtime gives {actual.Length} values, TorchSharp {expected.Length}");
            for (var i = 0; i < expected.Length; i++)
                // A NaN on either side must not pass as equal.
                largest = Math.Max(largest, float.IsFinite(actual[i]) && float.IsFinite(expected[i]) ? Math.Abs(actual[i] - expected[i]) : double.PositiveInfinity);
        }
        return largest;
    }

    /// <summary>Noise images, the same for the same seed.</summary>
    public static (float[] Pixels, int Count) Noise(int count, int imageSize, long seed)
    {
        var random = new Random((int)(seed & int.MaxValue));
        var pixels = new float[count * 3 * imageSize * imageSize];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = random.NextSingle();
        return (pixels, count);
    }
}

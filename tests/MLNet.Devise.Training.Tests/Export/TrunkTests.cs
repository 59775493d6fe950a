using System.Numerics.Tensors;
using Google.Protobuf;
using MLNet.Devise.Scoring.Convolutions;
using MLNet.Devise.Scoring.Engine;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Export;
using MLNet.Devise.Training.Learning;
using MLNet.Devise.Training.Tests.Export.Quantization;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Export;

public sealed class TrunkTests
{
    private const int Side = 128, Dimension = 300;

    public TrunkTests() => TorchNative.Ensure();

    [Theory]
    [InlineData("squeezenet1_1", HeadKind.Fastai), InlineData("squeezenet1_1", HeadKind.Linear), InlineData("resnet34", HeadKind.Fastai)]
    public void What_is_exported_has_a_trunk_and_gives_what_ONNX_Runtime_gives(string backbone, HeadKind head)
    {
        Assert.SkipUnless(TrunkReader.IsSupported, "no AVX2 on this processor");
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        var net = new DeviseNet(Backbone.ByName(backbone), Head.Embedder(512, Dimension, new() { Kind = head }));
        net.eval();
        var exact = OnnxExporter.Export(net, Dimension, Side, []);
        var pixels = SmallNets.Pixels(3, Side, 4);
        foreach (var onnx in (byte[][])[exact.ToByteArray(), HalfStorage.Of(exact).ToByteArray()])
        {
            using var own = new Network(onnx, "own", 1, side: Side);
            using var theirs = new Network(onnx, "theirs", 1);
            Assert.True(own.HasTrunk);
            var (expected, actual) = (new float[3 * Dimension], new float[3 * Dimension]);
            theirs.Run(pixels, 3, Side, expected, Dimension);
            own.Run(pixels, 3, Side, actual, Dimension);
            for (var image = 0; image < 3; image++)
                Assert.InRange(TensorPrimitives.CosineSimilarity<float>(expected.AsSpan(image * Dimension, Dimension), actual.AsSpan(image * Dimension, Dimension)), 0.99999f, 1.00001f);
        }
    }
}

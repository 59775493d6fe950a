using Google.Protobuf;
using MLNet.Devise.Labels;
using MLNet.Devise.Onnx;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Export;
using MLNet.Devise.Training.Export.Quantization;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Export.Quantization;

/// <summary>The networks we export, whole.</summary>
public sealed class NetworkTests
{
    private const int Size = 64;

    public NetworkTests() => TorchNative.Ensure();

    [Theory]
    [InlineData("squeezenet1_1", HeadKind.Fastai, 1_700_000, 25), InlineData("squeezenet1_1", HeadKind.Linear, 1_700_000, 25), InlineData("resnet34", HeadKind.Fastai, 23_000_000, 36)]
    public void Every_layer_computes_in_integers_and_the_file_is_a_quarter(string backbone, HeadKind kind, int bytes, int convolutions)
    {
        using var scope = NewDisposeScope();
        var exact = Exact(backbone, kind);
        var reduced = Int8Network.Quantize(exact, [Batch(4, 1)]);
        Assert.InRange(reduced.CalculateSize(), 1, bytes);
        var fused = SmallNets.Fused(reduced);
        Assert.Equal((convolutions, 2), (fused["QLinearConv"], fused["QGemm"]));
        Assert.Empty(fused.Keys.Intersect(["Conv", "FusedConv", "Gemm", "FusedGemm", "MatMul"]));
        Assert.InRange(Cosine(exact, reduced), 0.95, 1.0001);
    }

    [Fact]
    public void ConSE_is_quantised_too()
    {
        using var scope = NewDisposeScope();
        var random = new Random(1);
        var seen = new LabelSpace(["a", "b", "c"], [.. Enumerable.Range(0, 900).Select(_ => random.NextSingle() - 0.5f)]);
        var classifier = Shaken("squeezenet1_1", Head.Classifier(512, 300, 3, new()));
        var exact = OnnxExporter.Export(new Conse(classifier, seen, 2), 300, Size, []);
        var reduced = Int8Network.Quantize(exact, [Batch(4, 1)]);
        Assert.Equal(3, SmallNets.Fused(reduced)["QGemm"]);
        Assert.InRange(Cosine(exact, reduced), 0.9, 1.0001);
    }

    [Fact]
    public void Halves_take_half_the_file_and_change_next_to_nothing()
    {
        using var scope = NewDisposeScope();
        var exact = Exact("squeezenet1_1", HeadKind.Fastai);
        var reduced = HalfStorage.Of(exact);
        Assert.InRange(reduced.CalculateSize() / (double)exact.CalculateSize(), 0.45, 0.52);
        Assert.InRange(Cosine(exact, reduced), 0.9999, 1.0001);
        Assert.DoesNotContain("Cast", SmallNets.Fused(reduced).Keys);
    }

    [Fact]
    public void What_a_half_cannot_hold_stays_a_float()
    {
        var graph = new GraphBuilder("test");
        graph.Constant("large", Enumerable.Repeat(70_000f, 512).ToArray(), 2, 256);
        graph.Constant("vector", Enumerable.Repeat(1f, 512).ToArray(), 512);
        graph.Constant("fine", Enumerable.Repeat(0.1f, 512).ToArray(), 2, 256);
        graph.Constant("whole", new long[512], 2, 256);
        var reduced = HalfStorage.Of(graph.Build());
        Assert.Equal(["large", "vector", "whole"], reduced.Graph.Initializer.Select(tensor => tensor.Name));
        Assert.Equal(["fine.half", "fine"], reduced.Graph.Node.Select(node => node.Output[0]));
    }

    [Fact]
    public void The_cost_is_measured_on_every_image()
    {
        using var scope = NewDisposeScope();
        var exact = Exact("squeezenet1_1", HeadKind.Fastai);
        var bytes = exact.ToByteArray();
        // One label where the embeddings lie, one on the other side.
        var embedding = SmallNets.Run(exact, Batch(1, 5))[..300];
        var labels = new LabelSpace(["here", "there"], [.. embedding, .. embedding.Select(value => -value)]);
        var loss = LossCheck.Measure(bytes, bytes, [Batch(2, 5, "here", "there"), Batch(1, 6, "here")], labels)!;
        Assert.Equal((3, 2 / 3.0, 2 / 3.0), (loss.Images, loss.Top1, loss.Top1Fp32));
        Assert.Equal((1, 1), (Math.Round(loss.MeanCosine, 5), Math.Round(loss.MinCosine, 5)));
        Assert.Null(LossCheck.Measure(bytes, bytes, [], labels));
        exact.Graph.Initializer.First(tensor => tensor.Name == "features.0.weight").RawData = ByteString.CopyFrom(new byte[64 * 27 * 4]);
        Assert.True(LossCheck.Measure(bytes, exact.ToByteArray(), [Batch(1, 5, "here")], labels)!.MinCosine < 0.999);
    }

    private static ModelProto Exact(string backbone, HeadKind kind) => OnnxExporter.Export(Shaken(backbone, Head.Embedder(512, 300, new() { Kind = kind })), 300, Size, []);

    private static DeviseNet Shaken(string backbone, TorchSharp.Modules.Sequential head)
    {
        random.manual_seed(5);
        var net = new DeviseNet(Backbone.ByName(backbone), head);
        net.train();
        using (no_grad())
            for (var i = 0; i < 4; i++) net.call(rand(8, 3, Size, Size)).Dispose();
        net.eval();
        return net;
    }

    private static PixelBatch Batch(int count, int seed, params string[] labels)
    {
        var random = new Random(seed);
        return new([.. Enumerable.Range(0, count * 3 * Size * Size).Select(_ => random.Next(256) / 255f)], count, Size, labels);
    }

    private static double Cosine(ModelProto exact, ModelProto reduced)
    {
        var labels = new LabelSpace(["x"], [.. Enumerable.Repeat(1f, 300)]);
        return LossCheck.Measure(exact.ToByteArray(), reduced.ToByteArray(), [Batch(4, 9, "x", "x", "x", "x")], labels)!.MeanCosine;
    }
}

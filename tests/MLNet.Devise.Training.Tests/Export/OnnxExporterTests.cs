using Google.Protobuf;
using MLNet.Devise.Onnx;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Export;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Export;

public sealed class OnnxExporterTests
{
    public OnnxExporterTests() => TorchNative.Ensure();

    [Theory]
    [InlineData("squeezenet1_1", HeadKind.Fastai, 64), InlineData("squeezenet1_1", HeadKind.Linear, 97)]
    [InlineData("resnet34", HeadKind.Fastai, 64), InlineData("resnet34", HeadKind.Linear, 97)]
    public void The_export_computes_what_the_network_computes(string backbone, HeadKind kind, int size)
    {
        using var scope = NewDisposeScope();
        var net = Shaken(kind, backbone);
        var onnx = OnnxExporter.Export(net, 300, size, []).ToByteArray();
        Assert.InRange(ParityCheck.MaxDifference(net, onnx, [ParityCheck.Noise(1, size, 1), ParityCheck.Noise(3, size, 2)], size), 0, 1e-5);
    }

    [Theory, InlineData("squeezenet1_1"), InlineData("resnet34")]
    public void The_prior_is_exported_with_the_network(string backbone)
    {
        using var scope = NewDisposeScope();
        var (row, without) = (Backbone.ByName(backbone), Shaken(HeadKind.Linear, backbone));
        var prior = new Prior(row, 20, 300, 0.7);
        using (no_grad()) prior.vectors.copy_(nn.functional.normalize(randn(20, 300)));
        var net = new DeviseNet(row, without.head, prior);
        Weights.Copy(without.features, net.features);
        net.eval();
        var onnx = OnnxExporter.Export(net, 300, 64, []).ToByteArray();
        Assert.InRange(ParityCheck.MaxDifference(net, onnx, [ParityCheck.Noise(1, 64, 1), ParityCheck.Noise(3, 64, 2)], 64), 0, 1e-5);
        Assert.True(ParityCheck.MaxDifference(without, onnx, [ParityCheck.Noise(1, 64, 1)], 64) > ParityCheck.Limit);
    }

    [Fact]
    public void Parity_notices_a_changed_weight()
    {
        using var scope = NewDisposeScope();
        var net = Shaken(HeadKind.Fastai);
        var onnx = OnnxExporter.Export(net, 300, 64, []).ToByteArray();
        using (no_grad()) net.head.parameters().First().Times_(1.1);
        Assert.True(ParityCheck.MaxDifference(net, onnx, [ParityCheck.Noise(2, 64, 1)], 64) > ParityCheck.Limit);
    }

    [Fact]
    public void Input_output_and_metadata_are_as_promised()
    {
        using var scope = NewDisposeScope();
        var model = OnnxExporter.Export(Shaken(HeadKind.Fastai), 300, 64, new Dictionary<string, string> { ["devise.backbone"] = "squeezenet1_1" });
        Assert.Equal("image [N,3,64,64]", Describe(Assert.Single(model.Graph.Input)));
        Assert.Equal("embedding [N,300]", Describe(Assert.Single(model.Graph.Output)));
        Assert.Equal("devise.backbone=squeezenet1_1", Assert.Single(model.MetadataProps.Select(entry => $"{entry.Key}={entry.Value}")));
        Assert.Equal("Sub", model.Graph.Node[0].OpType);
        Assert.Equal("LpNormalization", model.Graph.Node[^1].OpType);
    }

    [Fact]
    public void A_module_without_a_rule_is_an_error_with_its_path()
    {
        using var scope = NewDisposeScope();
        var graph = new GraphBuilder("test");
        var strange = nn.Sequential(("0", nn.ReLU()), ("1", nn.GELU()));
        var error = Assert.Throws<NotSupportedException>(() => new OnnxExporter(graph).Visit(strange, "net", graph.Input("x", "N", 3)));
        Assert.StartsWith("net.1: GELU", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A network whose every number matters: batch statistics away from 0 and 1, weights random.</summary>
    private static DeviseNet Shaken(HeadKind kind, string backbone = "squeezenet1_1")
    {
        random.manual_seed(5);
        var net = new DeviseNet(Backbone.ByName(backbone), Head.Embedder(512, 300, new() { Kind = kind }));
        net.train();
        using (no_grad())
            for (var i = 0; i < 4; i++) net.call(rand(8, 3, 64, 64)).Dispose();
        net.eval();
        return net;
    }

    private static string Describe(ValueInfoProto value) =>
        $"{value.Name} [{string.Join(',', value.Type.TensorType.Shape.Dim.Select(dim => dim.HasDimParam ? dim.DimParam : $"{dim.DimValue}"))}]";
}

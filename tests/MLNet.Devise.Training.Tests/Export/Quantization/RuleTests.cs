using MLNet.Devise.Onnx;
using MLNet.Devise.Training.Export.Quantization;

namespace MLNet.Devise.Training.Tests.Export.Quantization;

/// <summary>Each pattern of the networks we export, alone: in bytes it computes nearly what it computes in floats, by integer operators.</summary>
public sealed class RuleTests
{
    [Theory]
    [InlineData(false), InlineData(true)]
    public void A_convolution_and_its_ReLU_are_one_integer_operator(bool padded)
    {
        var nets = new SmallNets(1);
        var fused = Near(nets.End(nets.Relu(nets.Conv(nets.Image, 3, pad: padded ? 1 : 0))));
        Assert.Equal((1, 0, 0), (fused["QLinearConv"], fused.GetValueOrDefault("Conv"), fused.GetValueOrDefault("Relu")));
    }

    [Fact]
    public void Maxima_stay_bytes()
    {
        var nets = new SmallNets(2);
        var fused = Near(nets.End(nets.Relu(nets.Conv(nets.MaxPool(nets.Relu(nets.Conv(nets.Image, 3))), SmallNets.Channels))));
        Assert.Equal((2, 1, 1), (fused["QLinearConv"], fused["QuantizeLinear"], fused["DequantizeLinear"]));
    }

    [Fact]
    public void Branches_are_joined_as_bytes_of_one_scale()
    {
        var nets = new SmallNets(3);
        var squeezed = nets.Relu(nets.Conv(nets.Image, 3));
        var joined = nets.Graph.Node("Concat", [nets.Relu(nets.Conv(squeezed, SmallNets.Channels, 1)), nets.Relu(nets.Conv(squeezed, SmallNets.Channels, 3, 1))], null, ("axis", 1L));
        var model = nets.End(nets.Relu(nets.Conv(joined, 2 * SmallNets.Channels)));
        var fused = Near(model);
        Assert.Equal((4, 1, 1), (fused["QLinearConv"], fused["QuantizeLinear"], fused["DequantizeLinear"]));
        var placement = Placement.Of(new EditableGraph(model));
        Assert.All(model.Graph.Node.First(node => node.OpType == "Concat").Input, input => Assert.Equal(placement.ScaleOf(joined), placement.ScaleOf(input)));
    }

    [Fact]
    public void A_residual_sum_is_an_integer_operator()
    {
        var nets = new SmallNets(4);
        var start = nets.Relu(nets.Conv(nets.Image, 3, bias: false));
        var through = nets.Conv(nets.Relu(nets.Conv(start, SmallNets.Channels, pad: 1, bias: false)), SmallNets.Channels, pad: 1, bias: false);
        var fused = Near(nets.End(nets.Relu(nets.Graph.Node("Add", [nets.Norm(through, SmallNets.Channels), start]))));
        Assert.Equal((3, 1, 0, 0), (fused["QLinearConv"], fused["QLinearAdd"], fused.GetValueOrDefault("Add"), fused.GetValueOrDefault("Relu")));
    }

    [Fact]
    public void Linear_layers_are_integer_operators_and_normalisation_before_them_stays()
    {
        var nets = new SmallNets(5);
        var pooled = nets.Norm(nets.Pooled(nets.Relu(nets.Conv(nets.Image, 3))), 2 * SmallNets.Channels);
        var hidden = nets.Norm(nets.Relu(nets.Gemm(pooled, 2 * SmallNets.Channels, 40)), 40);
        var fused = Near(nets.End(nets.Norm(nets.Gemm(hidden, 40, 10, bias: false), 10)));
        Assert.Equal((2, 0, 2), (fused["QGemm"], fused.GetValueOrDefault("Gemm") + fused.GetValueOrDefault("FusedGemm"), fused["Mul"]));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Folding_changes_nothing(bool padded)
    {
        var nets = new SmallNets(6);
        var normal = nets.Graph.Node("Div", [
            nets.Graph.Node("Sub", [nets.Image, nets.Graph.Constant("mean", [0.4f, 0.5f, 0.6f], 1, 3, 1, 1)]), nets.Graph.Constant("std", [0.2f, 0.3f, 0.25f], 1, 3, 1, 1)]);
        var layer = nets.Relu(nets.Norm(nets.Conv(normal, 3, pad: padded ? 1 : 0, bias: false), SmallNets.Channels));
        var model = nets.End(nets.Norm(nets.Gemm(nets.Norm(nets.Pooled(layer), 2 * SmallNets.Channels), 2 * SmallNets.Channels, 8), 8));
        var folded = new EditableGraph(model);
        Folding.Apply(folded);
        Assert.Equal("image.padded", ImageNormalization.Fold(folded));
        Assert.Equal(["Sub", "Div", "BatchNormalization"], model.Graph.Node.Select(node => node.OpType).Distinct().Except(folded.Nodes.Select(node => node.OpType)));
        Assert.Equal((1, 0), (folded.Nodes.Count(node => node.OpType == "Mul"), folded.Nodes.Count(node => node.OpType == "BatchNormalization")));
        var batch = SmallNets.Batch(3, 1);
        var (expected, actual) = (SmallNets.Run(model, batch), SmallNets.Run(folded.Model, batch));
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-4f);
        Near(model);
    }

    [Fact]
    public void What_has_no_rule_is_refused_by_name()
    {
        var nets = new SmallNets(7);
        var flat = nets.Graph.Node("Flatten", [nets.Image]);
        var weights = nets.Graph.Constant("w", nets.Values(3 * SmallNets.Side * SmallNets.Side * 5), 3 * SmallNets.Side * SmallNets.Side, 5);
        var error = Assert.Throws<NotSupportedException>(() => Int8Network.Quantize(nets.End(nets.Graph.Node("Gemm", [flat, weights], "strange")), [SmallNets.Batch(1, 1)]));
        Assert.StartsWith("strange: a Gemm without transB", error.Message, StringComparison.Ordinal);
        var empty = new SmallNets(8);
        Assert.Throws<InvalidOperationException>(() => Int8Network.Quantize(empty.End(empty.Conv(empty.Image, 3)), []));
    }

    /// <summary>Quantises, and compares with the floats on other images: an error of a few per cent of what the outputs vary by.</summary>
    private static Dictionary<string, int> Near(ModelProto model)
    {
        var before = model.ToString();
        var bytes = Int8Network.Quantize(model, [SmallNets.Batch(8, 1), SmallNets.Batch(8, 2)]);
        Assert.Equal(before, model.ToString());
        var batch = SmallNets.Batch(4, 3);
        var (expected, actual) = (SmallNets.Run(model, batch), SmallNets.Run(bytes, batch));
        var mean = expected.Average();
        var (error, spread) = (expected.Zip(actual, (a, b) => (a - b) * (a - b)).Average(), expected.Average(value => (value - mean) * (value - mean)));
        Assert.InRange(Math.Sqrt(error / spread), 0, 0.05);
        return SmallNets.Fused(bytes);
    }
}

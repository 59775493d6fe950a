using MLNet.Devise.Evaluation;
using MLNet.Devise.Evaluation.Heat;
using MLNet.Devise.Labels;
using MLNet.Devise.Onnx;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Export;
using MLNet.Devise.Training.Export.Quantization;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Export;

/// <summary>The heat that ONNX computes against the definition, with TorchSharp's own gradients.</summary>
public sealed class GradCamTests
{
    private const int Side = 64;

    public GradCamTests() => TorchNative.Ensure();

    [Theory]
    [InlineData("squeezenet1_1", HeadKind.Fastai, Side), InlineData("squeezenet1_1", HeadKind.Linear, Side), InlineData("resnet34", HeadKind.Linear, Side)]
    [InlineData("squeezenet1_1", HeadKind.Fastai, 2 * Side), InlineData("resnet34", HeadKind.Linear, 3 * Side)]
    public void Heat_of_an_embedding_is_what_autograd_gives(string backbone, HeadKind kind, int side)
    {
        using var scope = NewDisposeScope();
        var net = Shaken(Head.Embedder(512, 300, new() { Kind = kind }), backbone);
        var model = OnnxExporter.Export(net, 300, side, []);
        AssertSame(net, net, model, normalized: true, Direction(300), side);
    }

    [Fact]
    public void Heat_of_a_class_is_that_of_its_logit()
    {
        using var scope = NewDisposeScope();
        var net = Shaken(Head.Classifier(512, 300, 7, new()));
        var wanted = new float[7];
        wanted[3] = 1;
        AssertSame(net, net, OnnxExporter.Export(net, 7, Side, []), normalized: false, wanted);
    }

    [Fact]
    public void Heat_of_ConSE_goes_back_through_its_likeliest_labels()
    {
        using var scope = NewDisposeScope();
        var net = Shaken(Head.Classifier(512, 300, 7, new()));
        var labels = new LabelSpace([.. Enumerable.Range(0, 7).Select(i => $"label {i}")], randn(7, 300).data<float>().ToArray());
        var conse = new Conse(net, labels, 4);
        conse.eval();
        AssertSame(conse, net, OnnxExporter.Export(conse, 300, Side, []), normalized: true, [.. Direction(300).Select(value => -value)]);
    }

    [Theory]
    [InlineData("squeezenet1_1"), InlineData("resnet34")]
    public void Heat_has_the_part_of_the_prior_too(string backbone)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(9);
        var prior = new Prior(Backbone.ByName(backbone), 6, 300, 0.7);
        using (no_grad())
        {
            prior.classifier.weight.copy_(randn(6, 512, 1, 1));
            prior.vectors.copy_(nn.functional.normalize(randn(6, 300)));
        }
        var net = Shaken(Head.Embedder(512, 300, new() { Kind = HeadKind.Linear }), backbone, prior);
        AssertSame(net, net, OnnxExporter.Export(net, 300, Side, []), normalized: true, Direction(300));
    }

    [Fact]
    public void A_smaller_precision_draws_nearly_the_same_heat()
    {
        using var scope = NewDisposeScope();
        var net = Shaken(Head.Embedder(512, 300, new() { Kind = HeadKind.Fastai }));
        var exact = OnnxExporter.Export(net, 300, Side, []);
        var (pixels, wanted) = (ParityCheck.Noise(1, Side, 3).Pixels, Direction(300));
        var heat = Explain(exact, pixels, wanted, true);
        Assert.Equal(1, Likeness(heat, Explain(HalfStorage.Of(exact), pixels, wanted, true)), 1e-3);
        var noise = ParityCheck.Noise(16, Side, 4);
        var bytes = Int8Network.Quantize(exact, [new(noise.Pixels, 16, Side, [.. Enumerable.Repeat("any", 16)])]);
        var rough = Explain(bytes, pixels, wanted, true);
        Assert.Equal((7, heat.Places), (rough.Width, rough.Places));
        Assert.InRange(Likeness(heat, rough), 0.8, 1.0001);
    }

    [Fact]
    public void A_network_without_global_pooling_has_no_heat()
    {
        var graph = new GraphBuilder("test");
        graph.Node("LpNormalization", [graph.Node("Flatten", [graph.Input("image", "N", 3, 4, 4)], null, ("axis", 1L))], "embedding", ("axis", -1L), ("p", 2L));
        graph.Output("embedding", TensorProto.Types.DataType.Float, "N", 48);
        Assert.Contains("0 global maxima", Assert.Throws<NotSupportedException>(() => HeatGraph.Of(graph.Build())).Message);
    }

    private static void AssertSame(nn.Module<Tensor, Tensor> whole, DeviseNet net, ModelProto model, bool normalized, float[] wanted, int side = Side)
    {
        var (pixels, _) = ParityCheck.Noise(1, side, 2);
        var heat = Explain(model, pixels, wanted, normalized, side);

        // The definition, on the last layer's maps, or on the last that has 6 cells a side.
        var (maps, drawn) = (net.normalize.call(tensor(pixels, 1, 3, side, side)).requires_grad_(), default(Tensor));
        foreach (var layer in net.features.children().Cast<nn.Module<Tensor, Tensor>>())
        {
            maps = layer.call(maps.clone());
            if (maps.shape[2] >= 6) drawn = maps;
        }
        var (coarse, a) = (maps.shape[2] < 6, drawn!);
        Assert.Equal(side == Side, coarse);
        a.retain_grad();
        var last = net.features.call(net.normalize.call(tensor(pixels, 1, 3, side, side)));
        Assert.Equal(last.data<float>().ToArray(), maps.data<float>().ToArray());

        var logits = net.head.call(maps);
        var output = whole is Conse conse ? Averaged(conse, logits) : net.prior is { } prior ? net.Join(cat([logits, prior.Vector(prior.Logits(maps))], 1)) : logits;
        var direction = tensor(wanted, 1, wanted.Length);
        (output * direction).sum().backward();
        var weights = coarse ? a.grad! : a.grad!.mean([2, 3], keepdim: true);
        var expected = nn.functional.relu((weights * a.detach()).sum(1));
        Assert.Equal($"1 {heat.Height} {heat.Width}", string.Join(" ", expected.shape));
        Assert.Equal(((normalized ? nn.functional.normalize(output) : output) * direction).sum().item<float>(), heat.Score, 1e-4f);
        var (values, found) = (expected.data<float>().ToArray(), heat.Values);
        Assert.True(values.Max() > 0);
        for (var i = 0; i < values.Length; i++) Assert.Equal(values[i], found[i], 2e-3f * values.Max());
    }

    private static Tensor Averaged(Conse conse, Tensor logits)
    {
        var (weights, labels) = nn.functional.softmax(logits, 1).topk(conse.Top, 1);
        return weights.unsqueeze(1).matmul(tensor(conse.Seen.Vectors.ToArray(), conse.Seen.Names.Count, conse.Seen.Dimension)[labels]).squeeze(1);
    }

    private static HeatMap Explain(ModelProto model, float[] pixels, float[] wanted, bool normalized, int side = Side)
    {
        using var cam = GradCam.Of(model, "test", side, Scoring.ImageScaling.Stock, wanted.Length, normalized);
        return cam.Explain(pixels, wanted);
    }

    private static double Likeness(HeatMap one, HeatMap other) =>
        one.Values.Zip(other.Values, (a, b) => (double)a * b).Sum() / Math.Sqrt(one.Values.Sum(a => (double)a * a) * other.Values.Sum(b => (double)b * b));

    private static float[] Direction(int dimension) => nn.functional.normalize(randn(1, dimension)).data<float>().ToArray();

    private static DeviseNet Shaken(TorchSharp.Modules.Sequential head, string backbone = "squeezenet1_1", Prior? prior = null)
    {
        random.manual_seed(5);
        var net = new DeviseNet(Backbone.ByName(backbone), head, prior);
        net.train();
        using (no_grad())
            for (var i = 0; i < 4; i++) net.call(rand(8, 3, Side, Side)).Dispose();
        net.eval();
        return net;
    }
}

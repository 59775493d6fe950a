using MLNet.Devise.Labels;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Learning;

/// <summary>The prior against its definition in plain loops.</summary>
public sealed class PriorTests
{
    private const int Dimension = 3;
    private static readonly int[] Rows = [0, 292, 340, 999];

    private readonly KnownLabels _labels = new(Rows, [1, 0, 0, 0, 1, 0, 0, 0, 1, 0.6f, 0.8f, 0], Dimension);

    public PriorTests() => TorchNative.Ensure();

    [Theory, InlineData("squeezenet1_1"), InlineData("resnet34")]
    public void It_takes_the_labels_rows_of_the_pretrained_classifier(string name)
    {
        using var scope = NewDisposeScope();
        var backbone = Backbone.ByName(name);
        var (weight, bias) = (Numbers(1000 * 512, 1), Numbers(1000, 2));
        var prior = Prior.Of(backbone, _labels, Pretrained(backbone, weight, bias), "weights", 0.5);
        var maps = Numbers(2 * 512 * 2 * 3, 3);
        var logits = prior.Logits(tensor(maps, 2, 512, 2, 3));
        for (var image = 0; image < 2; image++)
            for (var label = 0; label < Rows.Length; label++)
            {
                var sum = 0.0;
                for (var at = 0; at < 6; at++)
                {
                    double value = bias[Rows[label]];
                    for (var f = 0; f < 512; f++) value += weight[Rows[label] * 512 + f] * maps[(image * 512 + f) * 6 + at];
                    sum += backbone.Classifier.Rectifies ? Math.Max(0, value) : value;
                }
                Assert.Equal(sum / 6, logits[image, label].item<float>(), 1e-4);
            }
        Assert.All(prior.parameters(), parameter => Assert.False(parameter.requires_grad));
    }

    [Fact]
    public void Its_vector_is_the_mean_of_the_labels_by_probability()
    {
        using var scope = NewDisposeScope();
        var prior = Filled();
        float[] logits = [0.3f, -1, 2, 0.5f];
        double[] likely = [.. logits.Select(logit => Math.Exp(logit))];
        var vector = prior.Vector(tensor(logits, 1, 4));
        for (var d = 0; d < Dimension; d++)
            Assert.Equal(Enumerable.Range(0, 4).Sum(label => likely[label] * _labels.Vectors[label * Dimension + d]) / likely.Sum(), vector[0, d].item<float>(), 1e-6);
    }

    [Fact]
    public void Without_some_names_the_others_share_their_probability()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new float[] { 0.3f, -1, 2, 0.5f }, 1, 4);
        double[] likely = [Math.Exp(0.3), Math.Exp(-1), 0, Math.Exp(0.5)];
        var vector = Filled().Without(["zebra"]).Vector(logits);
        for (var d = 0; d < Dimension; d++)
            Assert.Equal(Enumerable.Range(0, 4).Sum(label => likely[label] * _labels.Vectors[label * Dimension + d]) / likely.Sum(), vector[0, d].item<float>(), 1e-6);
    }

    [Theory, InlineData(0), InlineData(0.7)]
    public void The_loss_joins_head_and_prior_and_asks_the_head_for_what_the_prior_says(double distillation)
    {
        using var scope = NewDisposeScope();
        var labels = new LabelSpace(["a", "b"], [1, 2, 3, -1, 0.5f, 2]);
        var options = new PriorOptions { Weight = 0.4, Distillation = distillation };
        float[] parts = [0.5f, -1, 2, 0.1f, 0.2f, 0.3f];
        double[] head = Unit([0.5, -1, 2]), said = [0.1, 0.2, 0.3];
        var joined = Unit([.. head.Zip(said, (h, s) => h + 0.4 * s)]);
        var expected = 1 - Dot(joined, Unit([-1, 0.5, 2])) + distillation * (1 - Dot(head, Unit(said)));
        var outputs = tensor(parts, 1, 6, requires_grad: true);
        var loss = Objective.Embedding(labels, new(), prior: options).Loss(outputs, tensor(new long[] { 1 }));
        Assert.Equal(expected, loss.item<float>(), 1e-5);
        // What is distilled is the head's to learn; the prior moves with the label alone.
        loss.backward();
        var with = outputs.grad![0, 3].item<float>();
        outputs.grad.zero_();
        Objective.Embedding(labels, new(), prior: options with { Distillation = 0 }).Loss(outputs, tensor(new long[] { 1 })).backward();
        Assert.Equal(outputs.grad[0, 3].item<float>(), with, 1e-6);
    }

    [Fact]
    public void A_network_with_it_pools_its_logits_and_gives_the_sum()
    {
        using var scope = NewDisposeScope();
        var net = new DeviseNet(Backbone.ByName("squeezenet1_1"), Head.Embedder(512, Dimension, new() { Kind = HeadKind.Linear }), Filled());
        net.eval();
        var images = rand(2, 3, 64, 64);
        var pooled = net.Pool(images);
        Assert.Equal([2, 1024 + 4], pooled.shape);
        var (head, said) = Prior.Split(net.Parts(pooled));
        Assert.True(nn.functional.normalize(head).Plus(said.Times(0.5)).allclose(net.call(images), 1e-5, 1e-6));
        Assert.True(said.norm(1).IsAtLeast(1 + 1e-5).any().logical_not().item<bool>());
    }

    [Fact]
    public void Weights_without_their_classifier_are_refused()
    {
        using var scope = NewDisposeScope();
        var backbone = Backbone.ByName("resnet34");
        var error = Assert.Throws<DeviseInputException>(() => Prior.Of(backbone, _labels, new Dictionary<string, NamedTensor>(), "weights.pth", 0.5));
        Assert.Contains("weights.pth: no fc.weight of 1000 ImageNet classes", error.Message, StringComparison.Ordinal);
    }

    private Prior Filled()
    {
        var backbone = Backbone.ByName("squeezenet1_1");
        return Prior.Of(backbone, _labels, Pretrained(backbone, Numbers(1000 * 512, 1), Numbers(1000, 2)), "weights", 0.5);
    }

    private static Dictionary<string, NamedTensor> Pretrained(Backbone backbone, float[] weight, float[] bias) => new()
    {
        [$"{backbone.Classifier.Name}.weight"] = new([1000, 512], weight),
        [$"{backbone.Classifier.Name}.bias"] = new([1000], bias),
    };

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    private static double[] Unit(double[] vector) => [.. vector.Select(value => value / Math.Sqrt(vector.Sum(each => each * each)))];

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}

using MLNet.Devise.Labels;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Learning;

/// <summary>Each loss against its definition in plain loops.</summary>
public sealed class ObjectiveTests
{
    private const int Labels = 5, Dimension = 4, Count = 6;

    private readonly LabelSpace _labels = new(["a", "b", "c", "d", "e"], Numbers(Labels * Dimension, 1));
    private readonly float[] _outputs = Numbers(Count * Dimension, 2);
    private readonly long[] _truth = [0, 1, 2, 3, 4, 0];

    public ObjectiveTests() => TorchNative.Ensure();

    [Theory]
    [InlineData(EmbeddingLoss.Cosine), InlineData(EmbeddingLoss.Ranking), InlineData(EmbeddingLoss.Softmax)]
    public void A_loss_is_its_definition(EmbeddingLoss loss)
    {
        using var scope = NewDisposeScope();
        var actual = Objective.Embedding(_labels, new() { Kind = loss }).Loss(tensor(_outputs, Count, Dimension), tensor(_truth)).item<float>();
        var expected = Enumerable.Range(0, Count).Average(i =>
        {
            var cosines = Enumerable.Range(0, Labels).Select(label => Cosine(i, label)).ToArray();
            var own = cosines[_truth[i]];
            return loss switch
            {
                EmbeddingLoss.Cosine => 1 - own,
                EmbeddingLoss.Ranking => cosines.Where((_, label) => label != _truth[i]).Sum(wrong => Math.Max(0, 0.1 - own + wrong)),
                _ => Math.Log(cosines.Sum(cosine => Math.Exp(10 * cosine))) - 10 * own,
            };
        });
        Assert.Equal(expected, actual, 1e-5);
    }

    [Fact]
    public void Scores_are_cosines_whatever_the_outputs_length()
    {
        using var scope = NewDisposeScope();
        foreach (var loss in Enum.GetValues<EmbeddingLoss>())
        {
            var scores = Objective.Embedding(_labels, new() { Kind = loss }).Scores(tensor(_outputs, Count, Dimension).mul(7));
            for (var i = 0; i < Count; i++)
                for (var label = 0; label < Labels; label++) Assert.Equal(Cosine(i, label), scores[i, label].item<float>(), 1e-5);
        }
    }

    [Fact]
    public void Softmax_learns_its_factor_with_the_head()
    {
        using var scope = NewDisposeScope();
        var objective = Objective.Embedding(_labels, new() { Kind = EmbeddingLoss.Softmax });
        var factor = Assert.Single(objective.Parameters);
        objective.Loss(tensor(_outputs, Count, Dimension), tensor(_truth)).backward();
        Assert.NotEqual(0, factor.grad!.item<float>());
        var net = new DeviseNet(Training.Backbones.Backbone.ByName("squeezenet1_1"), Head.Embedder(512, 300, new()));
        Assert.Contains(factor, LayerGroups.Of(net, new() { Epochs = 1, LearningRate = 1 }, objective.Parameters)[^1].Parameters);
    }

    private double Cosine(int output, int label)
    {
        var (x, y) = (_outputs.Skip(output * Dimension).Take(Dimension).Select(value => (double)value).ToArray(), _labels.Vector(label).ToArray());
        return x.Zip(y, (a, b) => a * b).Sum() / Math.Sqrt(x.Sum(a => a * a) * y.Sum(b => (double)b * b));
    }

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }
}

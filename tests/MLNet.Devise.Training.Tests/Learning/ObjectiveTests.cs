using MLNet.Devise.Labels;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Learning;

/// <summary>Each loss against its definition in plain loops.</summary>
public sealed class ObjectiveTests
{
    private const int Labels = 5, Dimension = 4, Count = 6;

    private static readonly float[] Weights = [0.5f, 2, 1, 0.25f, 3];

    private readonly LabelSpace _labels = new(["a", "b", "c", "d", "e"], Numbers(Labels * Dimension, 1));
    private readonly float[] _outputs = Numbers(Count * Dimension, 2);
    private readonly float[] _distractors = new LabelSpace(["x", "y", "z"], Numbers(3 * Dimension, 3)).Vectors.ToArray();
    private readonly long[] _truth = [0, 1, 2, 3, 4, 0];

    public ObjectiveTests() => TorchNative.Ensure();

    public static TheoryData<LossOptions, bool, bool> Losses()
    {
        LossOptions[] losses =
        [
            new(), new() { CosineWeight = 2, Weight = 3 },
            new() { Kind = EmbeddingLoss.Ranking }, new() { Kind = EmbeddingLoss.Ranking, Margin = 0.7, Weight = 0.25, CosineWeight = 0.5 }, new() { Kind = EmbeddingLoss.Ranking, Margin = 0 },
            new() { Kind = EmbeddingLoss.Softmax }, new() { Kind = EmbeddingLoss.Softmax, Scale = 25, LearnScale = false, Weight = 2 },
            new() { Kind = EmbeddingLoss.Softmax, Scale = 3, LabelSmoothing = 0.2, CosineWeight = 1.5, Weight = 0.5 },
        ];
        var data = new TheoryData<LossOptions, bool, bool>();
        foreach (var loss in losses)
            foreach (var weighted in (bool[])[false, true])
            {
                data.Add(loss, weighted, false);
                if (loss.Kind != EmbeddingLoss.Cosine) data.Add(loss, weighted, true);
            }
        return data;
    }

    [Theory, MemberData(nameof(Losses))]
    public void A_loss_is_its_definition(LossOptions loss, bool weighted, bool distracted)
    {
        using var scope = NewDisposeScope();
        loss.Validate();
        var objective = Objective.Embedding(_labels, loss, weighted ? Weights : null, distracted ? _distractors : null, CPU);
        var actual = objective.Loss(tensor(_outputs, Count, Dimension), tensor(_truth)).item<float>();
        var expected = Mean(weighted, i =>
        {
            var cosines = Enumerable.Range(0, Labels).Select(label => Cosine(i, _labels.Vector(label).ToArray()));
            var all = (distracted ? cosines.Concat(_distractors.Chunk(Dimension).Select(vector => Cosine(i, vector))) : cosines).ToArray();
            var own = all[_truth[i]];
            var main = loss.Kind switch
            {
                EmbeddingLoss.Cosine => 1 - own,
                EmbeddingLoss.Ranking => all.Where((_, label) => label != _truth[i]).Sum(wrong => Math.Max(0, loss.Margin - own + wrong)),
                _ => Entropy([.. all.Select(cosine => loss.Scale * cosine)], i, loss.LabelSmoothing),
            };
            return loss.Weight * main + loss.CosineWeight * (1 - own);
        });
        Assert.Equal(expected, actual, 1e-5);
    }

    [Theory]
    [InlineData(0, false), InlineData(0, true), InlineData(0.1, false), InlineData(0.1, true)]
    public void Classification_is_weighted_cross_entropy(double smoothing, bool weighted)
    {
        using var scope = NewDisposeScope();
        var logits = Numbers(Count * Labels, 4);
        var objective = Objective.Classification(smoothing, weighted ? Weights : null, CPU);
        var actual = objective.Loss(tensor(logits, Count, Labels), tensor(_truth)).item<float>();
        Assert.Equal(Mean(weighted, i => Entropy([.. logits.Skip(i * Labels).Take(Labels).Select(value => (double)value)], i, smoothing)), actual, 1e-5);
        Assert.Equal(logits, objective.Scores(tensor(logits, Count, Labels)).data<float>().ToArray());
        if (weighted && smoothing > 0) return; // there PyTorch weights the spread share by column, not by image
        var torch = nn.functional.cross_entropy(tensor(logits, Count, Labels), tensor(_truth), weighted ? tensor(Weights) : null, label_smoothing: smoothing).item<float>();
        Assert.Equal(torch, actual, 1e-6);
    }

    [Fact]
    public void Scores_are_cosines_with_the_labels_whatever_the_outputs_length()
    {
        using var scope = NewDisposeScope();
        foreach (var loss in Enum.GetValues<EmbeddingLoss>())
        {
            var scores = Objective.Embedding(_labels, new() { Kind = loss }, distractors: _distractors).Scores(tensor(_outputs, Count, Dimension).Times(7));
            Assert.Equal([Count, Labels], scores.shape);
            for (var i = 0; i < Count; i++)
                for (var label = 0; label < Labels; label++) Assert.Equal(Cosine(i, _labels.Vector(label).ToArray()), scores[i, label].item<float>(), 1e-5);
        }
    }

    [Fact]
    public void Softmax_learns_its_factor_with_the_head_unless_it_is_fixed()
    {
        using var scope = NewDisposeScope();
        var objective = Objective.Embedding(_labels, new() { Kind = EmbeddingLoss.Softmax });
        var factor = Assert.Single(objective.Parameters);
        objective.Loss(tensor(_outputs, Count, Dimension), tensor(_truth)).backward();
        Assert.NotEqual(0, factor.grad!.item<float>());
        var net = new DeviseNet(Training.Backbones.Backbone.ByName("squeezenet1_1"), Head.Embedder(512, 300, new()));
        Assert.Contains(factor, LayerGroups.Of(net, new() { Epochs = 1, LearningRate = 1 }, objective.Parameters)[^1].Parameters);
        Assert.Empty(Objective.Embedding(_labels, new() { Kind = EmbeddingLoss.Softmax, LearnScale = false }).Parameters);
        Assert.Empty(Objective.Embedding(_labels, new()).Parameters);
    }

    [Fact]
    public void Every_part_of_a_loss_moves_the_outputs()
    {
        using var scope = NewDisposeScope();
        foreach (var kind in Enum.GetValues<EmbeddingLoss>())
        {
            var outputs = tensor(_outputs, Count, Dimension, requires_grad: true);
            Objective.Embedding(_labels, new() { Kind = kind, CosineWeight = 1 }, Weights, _distractors).Loss(outputs, tensor(_truth)).backward();
            Assert.All(outputs.grad!.norm(1).data<float>().ToArray(), length => Assert.True(length > 0));
        }
    }

    [Fact]
    public void Distractors_of_another_size_are_refused() => Assert.Throws<ArgumentException>(() => Objective.Embedding(_labels, new() { Kind = EmbeddingLoss.Ranking }, distractors: [1, 2, 3]));

    private double Mean(bool weighted, Func<int, double> loss)
    {
        double Weight(int i) => weighted ? Weights[_truth[i]] : 1;
        return Enumerable.Range(0, Count).Sum(i => Weight(i) * loss(i)) / Enumerable.Range(0, Count).Sum(Weight);
    }

    /// <summary>Cross entropy of one image; the smoothed target lies on the labels only, whatever columns follow them.</summary>
    private double Entropy(double[] logits, int image, double smoothing)
    {
        var all = Math.Log(logits.Sum(Math.Exp));
        return -Enumerable.Range(0, Labels).Sum(label => (smoothing / Labels + (label == _truth[image] ? 1 - smoothing : 0)) * (logits[label] - all));
    }

    private double Cosine(int output, float[] vector)
    {
        var x = _outputs.Skip(output * Dimension).Take(Dimension).Select(value => (double)value).ToArray();
        return x.Zip(vector, (a, b) => a * b).Sum() / Math.Sqrt(x.Sum(a => a * a) * vector.Sum(b => (double)b * b));
    }

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }
}

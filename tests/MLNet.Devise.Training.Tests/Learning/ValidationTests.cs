using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Learning;

public sealed class ValidationTests
{
    private static readonly float[] Logits = [0.1f, 2, -1, 3, 0.5f, 0, 1, -2, 0.25f, 0, 1, 4, -1, 0.75f, 2];
    private static readonly long[] Truth = [0, 0, 1, 2, 1];

    public ValidationTests() => TorchNative.Ensure();

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(5)]
    public void A_weighted_loss_is_the_same_however_images_fall_into_batches(int size)
    {
        // The first class is not trained on: of a batch of it alone there is no mean.
        float[] weights = [0, 2, 0.5f];
        var losses = Truth.Select((label, i) => Math.Log(Logits[(3 * i)..(3 * i + 3)].Sum(value => Math.Exp(value))) - Logits[3 * i + label]).ToArray();
        var expected = losses.Zip(Truth, (loss, label) => loss * weights[label]).Sum() / Truth.Sum(label => weights[label]);
        Same(expected, weights);
        Same(losses.Average(), null);
        Same(double.NaN, [0, 0, 0]);

        void Same(double loss, float[]? by)
        {
            using var scope = NewDisposeScope();
            var net = new DeviseNet(Backbone.ByName("squeezenet1_1"), Head.Embedder(512, 300, new()));
            using var source = new Outputs(size);
            var actual = Validation.Of(net, Objective.Classification(0, by, CPU), source, null, TestContext.Current.CancellationToken);
            Assert.Equal(loss, actual.Loss, 1e-5);
            Assert.Equal(0.4, actual.Top1);
        }
    }

    /// <summary>Outputs that are there already.</summary>
    private sealed class Outputs(int size) : IBatchSource
    {
        public IEnumerable<TrainingBatch> Train(int epoch, int skip) => [];

        public IEnumerable<TrainingBatch> Valid() => Enumerable.Range(0, Truth.Length).Chunk(size).Select(rows => new TrainingBatch(
            tensor(rows.SelectMany(row => Logits[(3 * row)..(3 * row + 3)]).ToArray(), rows.Length, 3),
            tensor(rows.Select(row => Truth[row]).ToArray()),
            [.. rows.Select(row => new Data.ImageItem($"{row}.png", $"{Truth[row]}", Data.Split.Valid))]));

        public Tensor Forward(Tensor input) => input.alias();

        public void Dispose()
        {
            // Nothing of its own.
        }
    }
}

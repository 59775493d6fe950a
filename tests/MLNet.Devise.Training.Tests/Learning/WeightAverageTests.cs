using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Learning;

public sealed class WeightAverageTests
{
    public WeightAverageTests() => TorchNative.Ensure();

    [Fact]
    public void The_average_is_its_definition_and_exchanging_twice_changes_nothing()
    {
        using var scope = NewDisposeScope();
        var net = new DeviseNet(Backbone.ByName("squeezenet1_1"), Head.Embedder(512, 300, new()));
        var weight = net.head.parameters().First();
        using var average = new WeightAverage(net, 0.9);
        var expected = weight[0].item<float>();
        var value = expected;
        for (var t = 0; t < 200; t++)
        {
            value = MathF.Sin(t);
            using (no_grad()) weight.zero_().Plus_(value);
            average.Update();
            var decay = (float)Math.Min(0.9, (1.0 + t) / (10 + t));
            expected = decay * expected + (1 - decay) * value;
        }
        Assert.Equal(200, average.Steps);
        average.Exchange();
        Assert.Equal(expected, weight[0].item<float>(), 1e-5f);
        average.Exchange();
        Assert.Equal(value, weight[0].item<float>());
    }
}

using MLNet.Devise.Training.Learning;
using TorchSharp.Modules;
using static TorchSharp.torch;
using AdamW = MLNet.Devise.Training.Learning.AdamW;

namespace MLNet.Devise.Training.Tests.Learning;

/// <summary>The optimizer against its definition in plain loops, and against TorchSharp's.</summary>
public sealed class AdamWTests
{
    public AdamWTests() => TorchNative.Ensure();

    [Theory, InlineData(1), InlineData(7), InlineData(8), InlineData(100), InlineData(1003)]
    public void One_pass_is_the_definition(int count)
    {
        var random = new Random(count);
        float[] Numbers(float lowest) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() + lowest)];
        var (weights, gradients, means, squares) = (Numbers(-0.5f), Numbers(-0.5f), Numbers(-0.5f), Numbers(0));
        var (rate, beta1, beta2, decay, step) = (0.003, 0.87, 0.99, 0.01, 17);
        var expected = weights.Select((weight, i) =>
        {
            var mean = beta1 * means[i] + (1 - beta1) * gradients[i];
            var square = beta2 * squares[i] + (1 - beta2) * gradients[i] * gradients[i];
            return weight - rate * decay * weight - rate * (mean / (1 - Math.Pow(beta1, step))) / (Math.Sqrt(square / (1 - Math.Pow(beta2, step))) + 1e-8);
        }).ToArray();
        AdamW.Fused(weights, gradients, means, squares, new((float)(1 - rate * decay), (float)beta1, (float)beta2, (float)(rate / (1 - Math.Pow(beta1, step))), (float)(1 / Math.Sqrt(1 - Math.Pow(beta2, step)))));
        for (var i = 0; i < count; i++) Assert.Equal(expected[i], weights[i], 1e-6);
    }

    [Fact]
    public void Steps_with_rates_by_group_and_a_moving_momentum_are_those_of_TorchSharp()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var (ours, theirs) = (Layers(), Layers());
        foreach (var (mine, other) in ours.Zip(theirs))
            using (no_grad()) other.copy_(mine);
        LayerGroup[] groups = [new([ours[0], ours[1]], 1e-2), new([ours[2]], 3e-2, Decays: false)];
        using var optimizer = new AdamW(groups, 0.99, 0.05);
        using var peer = new TorchSharp.Modules.AdamW(
            new TorchSharp.Modules.AdamW.ParamGroup[] { new([theirs[0], theirs[1]], lr: 1e-2, beta2: 0.99, weight_decay: 0.05), new([theirs[2]], lr: 3e-2, beta2: 0.99, weight_decay: 0) }, lr: 1);
        for (var step = 0; step < 20; step++)
        {
            var (factor, momentum, images) = (1 - step / 25.0, 0.95 - step / 200.0, rand(4, 3, 9, 9));
            (optimizer.RateFactor, optimizer.Momentum) = (factor, momentum);
            foreach (var (group, row) in peer.ParamGroups.Zip(groups))
            {
                group.LearningRate = row.Rate * factor;
                ((TorchSharp.Modules.AdamW.ParamGroup)group).Options.beta1 = momentum;
            }
            Loss(ours, images).backward();
            optimizer.Step();
            peer.zero_grad();
            Loss(theirs, images).backward();
            peer.step();
        }
        foreach (var (mine, other) in ours.Zip(theirs)) Assert.True(mine.allclose(other, 1e-4, 1e-6));
        Assert.All(ours, parameter => Assert.Null(parameter.grad));
    }

    /// <summary>Gradients in another memory order than the weights, as convolutions on channels-last images give them, must meet the right weights.</summary>
    private static Tensor Loss(Parameter[] layers, Tensor images)
    {
        var output = nn.functional.conv2d(images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2), layers[0], layers[1]).relu().mean([2, 3]).matmul(layers[2]);
        return (output * output).mean();
    }

    private static Parameter[] Layers() => [new(randn(5, 3, 3, 3)), new(randn(5)), new(randn(5, 2))];
}

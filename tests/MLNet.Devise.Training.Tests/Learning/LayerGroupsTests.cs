using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Learning;

public sealed class LayerGroupsTests
{
    public LayerGroupsTests() => TorchNative.Ensure();

    [Fact]
    public void An_unfrozen_squeezenet_has_fastais_groups_and_every_parameter_once()
    {
        using var scope = NewDisposeScope();
        var net = Net();
        var groups = LayerGroups.Of(net, new() { Epochs = 1, LearningRate = 1e-4, LowestLearningRate = 1e-5 }, []);
        Assert.Equal([1e-5, 2.154e-5, 4.642e-5, 1e-4], groups.Select(group => Math.Round(group.Rate, 8)));
        // Children 0..4, 5..7, 8..12 of the features, then the head.
        Assert.Equal([14, 12, 24, 10], groups.Select(group => group.Parameters.Count));
        Assert.Equal(net.parameters().Count(), groups.SelectMany(group => group.Parameters).Distinct().Count());
        Assert.All(net.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    [Fact]
    public void A_frozen_phase_trains_the_head_only()
    {
        using var scope = NewDisposeScope();
        var net = Net();
        var group = Assert.Single(LayerGroups.Of(net, new() { Epochs = 1, Frozen = true, LearningRate = 3e-3 }, []));
        Assert.Equal(net.head.parameters().Count(), group.Parameters.Count);
        Assert.All(net.features.parameters(), parameter => Assert.False(parameter.requires_grad));
        LayerGroups.Of(net, new() { Epochs = 1, LearningRate = 3e-3 }, []);
        Assert.All(net.features.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    [Fact]
    public void An_unfrozen_resnet_has_fastais_groups_and_every_parameter_once()
    {
        using var scope = NewDisposeScope();
        var net = Net("resnet34");
        var groups = LayerGroups.Of(net, new() { Epochs = 1, LearningRate = 1e-4, LowestLearningRate = 1e-6 }, []);
        Assert.Equal([1e-6, 1e-5, 1e-4], groups.Select(group => Math.Round(group.Rate, 8)));
        // Children conv1 .. layer2, then layer3 and layer4, then the head: fastai cuts at child 6.
        Assert.Equal([48, 60, 10], groups.Select(group => group.Parameters.Count));
        Assert.Equal(net.parameters().Count(), groups.SelectMany(group => group.Parameters).Distinct().Count());
    }

    [Fact]
    public void Frozen_layers_stay_and_the_groups_that_are_left_keep_their_rates()
    {
        using var scope = NewDisposeScope();
        var net = Net();
        var groups = LayerGroups.Of(net, new() { Epochs = 1, FrozenLayers = 6, LearningRate = 1e-4, LowestLearningRate = 1e-5 }, []);
        // Children 6 and 7, then 8..12, then the head: the first group has nothing left.
        Assert.Equal([2.154e-5, 4.642e-5, 1e-4], groups.Select(group => Math.Round(group.Rate, 8)));
        Assert.Equal([12, 24, 10], groups.Select(group => group.Parameters.Count));
        Assert.All(net.features.children().Take(6).SelectMany(layer => layer.parameters()), parameter => Assert.False(parameter.requires_grad));
        Assert.False(net.BackboneFixed);
        Assert.All(Backbone.All, backbone => Assert.Equal(backbone.Create().children().Count(), backbone.Layers));
    }

    [Fact]
    public void Weight_decay_can_spare_biases_and_norms()
    {
        using var scope = NewDisposeScope();
        var net = Net();
        var groups = LayerGroups.SpareBiases(LayerGroups.Of(net, new() { Epochs = 1, LearningRate = 1e-4 }, []));
        Assert.All(groups.Where(group => group.Decays).SelectMany(group => group.Parameters), parameter => Assert.True(parameter.dim() > 1));
        Assert.All(groups.Where(group => !group.Decays).SelectMany(group => group.Parameters), parameter => Assert.Equal(1, parameter.dim()));
        Assert.Equal(net.parameters().Count(), groups.Sum(group => group.Parameters.Count));
        Assert.Equal((1, 0.5f), (AfterStep(decayBiases: false), AfterStep(decayBiases: true)));

        static float AfterStep(bool decayBiases)
        {
            var bias = new TorchSharp.Modules.Parameter(ones(3));
            using var optimizer = LayerGroups.Optimizer([new([bias], 1)], new() { DecayBiases = decayBiases, WeightDecay = 0.5 });
            bias.sum().Times(0).backward();
            optimizer.Step();
            return bias[0].item<float>();
        }
    }

    [Fact]
    public void The_statistics_of_a_frozen_resnet_stay_unless_its_norms_are_trained()
    {
        using var scope = NewDisposeScope();
        var net = Net("resnet34");
        var mean = net.features.state_dict()["layer4.2.bn2.running_mean"];

        LayerGroups.Of(net, new() { Epochs = 1, Frozen = true, LearningRate = 1e-3 }, []);
        Assert.Equal((true, 0f, false), (net.BackboneFixed, Moved(), net.features.training));
        Assert.True(net.head.training);

        var group = Assert.Single(LayerGroups.Of(net, new() { Epochs = 1, Frozen = true, TrainNorms = true, LearningRate = 1e-3 }, []));
        Assert.Equal(36 * 2 + 10, group.Parameters.Count);
        Assert.All(net.features.named_parameters(), entry => Assert.Equal(entry.parameter.shape.Length == 1, entry.parameter.requires_grad));
        Assert.False(net.BackboneFixed);
        Assert.True(Moved() > 0);

        LayerGroups.Of(net, new() { Epochs = 1, LearningRate = 1e-3 }, []);
        Assert.False(net.BackboneFixed);

        float Moved()
        {
            using var before = mean.clone();
            net.train();
            net.call(rand(4, 3, 32, 32)).Dispose();
            return mean.sub(before).abs().sum().item<float>();
        }
    }

    private static DeviseNet Net(string backbone = "squeezenet1_1") => new(Backbone.ByName(backbone), Head.Embedder(512, 300, new()));
}

using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Backbones;

public sealed class BackboneTests
{
    public BackboneTests() => TorchNative.Ensure();

    [Fact]
    public void Parameter_counts_are_the_papers()
    {
        using var scope = NewDisposeScope();
        var backbone = Backbone.ByName("squeezenet1_1");
        Assert.Equal(1_416_988, new DeviseNet(backbone, Head.Classifier(backbone.FeatureMaps, 300, 40, new())).ParameterCount);
        Assert.Equal(1_404_868, new DeviseNet(backbone, Head.Embedder(backbone.FeatureMaps, 300, new())).ParameterCount);
    }

    [Fact]
    public void Names_and_shapes_are_torchvisions()
    {
        using var scope = NewDisposeScope();
        var tensors = Safetensors.Read(TestData.Require("weights", "squeezenet1_1.safetensors"));
        var own = Weights.Save(SqueezeNet11.Features()).Select(entry => ("features." + entry.Name, entry.Tensor.Shape))
            .Concat(Weights.Save(SqueezeNet11.Classifier()).Select(entry => ("classifier." + entry.Name, entry.Tensor.Shape)));
        Assert.Equal(
            tensors.Select(entry => $"{entry.Key} {string.Join('×', entry.Value.Shape)}").Order(StringComparer.Ordinal),
            own.Select(entry => $"{entry.Item1} {string.Join('×', entry.Shape)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Weights_that_do_not_fit_are_named_and_nothing_is_copied()
    {
        using var scope = NewDisposeScope();
        var fire = new Fire(4, 2, 3);
        var before = Weights.Save(fire);
        var tensors = before.ToDictionary(entry => "x." + entry.Name, entry => new NamedTensor(entry.Tensor.Shape, [.. entry.Tensor.Values.Select(value => value + 1)]));
        tensors.Remove("x.squeeze.bias");
        tensors["x.expand1x1.weight"] = new([6], new float[6]);
        var error = Assert.Throws<DeviseInputException>(() => Weights.Load(fire, tensors, "x.", "some.safetensors"));
        Assert.Equal("some.safetensors: 2 of 6 tensors do not fit this network: x.squeeze.bias is missing; x.expand1x1.weight is [6], expected [3, 2, 1, 1]", error.Message);
        Assert.All(before.Zip(Weights.Save(fire)), pair => Assert.Equal(pair.First.Tensor.Values, pair.Second.Tensor.Values));
    }

    [Fact]
    public void An_unknown_backbone_is_named_with_the_known_ones() =>
        Assert.Equal("backbone 'vgg', expected one of squeezenet1_1", Assert.Throws<DeviseInputException>(() => Backbone.ByName("vgg")).Message);
}

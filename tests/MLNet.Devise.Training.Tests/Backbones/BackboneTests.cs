using System.Globalization;
using System.Text;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using MLNet.Devise.Training.Tests.Backbones.Pth;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Backbones;

public sealed class BackboneTests
{
    public BackboneTests() => TorchNative.Ensure();

    [Theory]
    [InlineData("squeezenet1_1", 1_416_988, 1_404_868), InlineData("resnet34", 21_979_164, 21_967_044)]
    public void Parameter_counts_are_the_papers(string name, long stage1, long stage2)
    {
        using var scope = NewDisposeScope();
        var backbone = Backbone.ByName(name);
        Assert.Equal(stage1, new DeviseNet(backbone, Head.Classifier(backbone.FeatureMaps, 300, 40, new())).ParameterCount);
        Assert.Equal(stage2, new DeviseNet(backbone, Head.Embedder(backbone.FeatureMaps, 300, new())).ParameterCount);
    }

    /// <summary>What each layer makes of a 224-pixel image, and every tensor by torchvision's name.</summary>
    [Theory]
    [InlineData("squeezenet1_1"), InlineData("resnet34")]
    public void Layers_and_tensors_are_as_approved(string name)
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        var features = Backbone.ByName(name).Create();
        features.eval();
        var text = new StringBuilder();
        var x = zeros(1, 3, 224, 224);
        foreach (var (child, module) in features.named_children())
        {
            x = ((nn.Module<Tensor, Tensor>)module).call(x);
            text.Append(CultureInfo.InvariantCulture, $"{child} {module.GetType().Name} -> {string.Join('x', x.shape[1..])}\n");
        }
        text.Append('\n');
        foreach (var (tensor, values) in Weights.Save(features)) text.Append(CultureInfo.InvariantCulture, $"{tensor} {string.Join('x', values.Shape)}\n");
        Approved.Matches(name, text.ToString());
    }

    /// <summary>Weights, input and output are PyTorch's (Fixtures/make_fixtures.py).</summary>
    [Fact]
    public void A_block_computes_what_PyTorchs_computes()
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        var file = Containers.Fixture("basic_block.pth");
        var tensors = WeightsFile.Read(file);
        var block = new BasicBlock(4, 8, 2);
        Weights.Load(block, tensors, "", file);
        block.eval();
        var (input, expected) = (tensors["golden.input"], tensors["golden.output"]);
        var actual = block.call(tensor(input.Values, input.Shape));
        Assert.Equal(expected.Shape, actual.shape);
        foreach (var (wanted, value) in expected.Values.Zip(actual.data<float>().ToArray())) Assert.Equal(wanted, value, 1e-5f);
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
        Assert.Equal("backbone 'vgg', expected one of squeezenet1_1, resnet34", Assert.Throws<DeviseInputException>(() => Backbone.ByName("vgg")).Message);
}

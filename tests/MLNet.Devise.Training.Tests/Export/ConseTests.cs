using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using MLNet.Devise.Labels;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Export;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Export;

public sealed class ConseTests
{
    private const int Classes = 12, Size = 64, Images = 3;

    private readonly LabelSpace _seen;

    public ConseTests()
    {
        TorchNative.Ensure();
        var random = new Random(8);
        _seen = new([.. Enumerable.Range(0, Classes).Select(i => $"c{i}")], [.. Enumerable.Range(0, Classes * 300).Select(_ => random.NextSingle() - 0.4f)]);
    }

    [Theory]
    [InlineData("squeezenet1_1", 10), InlineData("squeezenet1_1", 1), InlineData("squeezenet1_1", 99), InlineData("resnet34", 4)]
    public void The_graph_computes_what_TorchSharp_and_plain_loops_compute(string backbone, int top)
    {
        using var scope = NewDisposeScope();
        var classifier = Classifier(backbone);
        var conse = new Conse(classifier, _seen, top);
        var onnx = OnnxExporter.Export(conse, 300, Size, []).ToByteArray();
        var (pixels, count) = ParityCheck.Noise(Images, Size, 2);
        Assert.InRange(ParityCheck.MaxDifference(conse, onnx, [(pixels, count), ParityCheck.Noise(1, Size, 3)], Size), 0, 1e-5);

        using var untracked = no_grad();
        var logits = classifier.call(tensor(pixels, Images, 3, Size, Size)).data<float>().ToArray();
        var actual = Run(onnx, pixels);
        for (var i = 0; i < Images; i++)
        {
            var expected = Naive([.. logits.Skip(i * Classes).Take(Classes)], top);
            for (var j = 0; j < 300; j++) Assert.Equal(expected[j], actual[i * 300 + j], 1e-5);
        }
    }

    [Fact]
    public void With_one_label_the_embedding_is_its_vector()
    {
        using var scope = NewDisposeScope();
        var classifier = Classifier("squeezenet1_1");
        var pixels = ParityCheck.Noise(1, Size, 4).Pixels;
        var actual = Run(OnnxExporter.Export(new Conse(classifier, _seen, 1), 300, Size, []).ToByteArray(), pixels);
        using var untracked = no_grad();
        var best = (int)classifier.call(tensor(pixels, 1, 3, Size, Size)).argmax().item<long>();
        Assert.Equal(_seen.Vector(best).ToArray(), actual, (a, b) => Math.Abs(a - b) < 1e-6f);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Conse(classifier, _seen, 0));
    }

    /// <summary>Norouzi et al. 2014, eq. 3, one image.</summary>
    private double[] Naive(float[] logits, int top)
    {
        var sum = logits.Sum(logit => Math.Exp(logit));
        var mean = new double[300];
        foreach (var label in Enumerable.Range(0, Classes).OrderByDescending(label => logits[label]).Take(top))
            for (var j = 0; j < 300; j++) mean[j] += Math.Exp(logits[label]) / sum * _seen.Vector(label)[j];
        var length = Math.Sqrt(mean.Sum(value => value * value));
        return [.. mean.Select(value => value / length)];
    }

    private static float[] Run(byte[] onnx, float[] pixels)
    {
        using var session = new InferenceSession(onnx);
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [pixels.Length / (3 * Size * Size), 3, Size, Size]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, [OnnxExporter.Input], [input], [OnnxExporter.Output]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>A network whose batch statistics are away from 0 and 1.</summary>
    private static DeviseNet Classifier(string backbone)
    {
        random.manual_seed(5);
        var net = new DeviseNet(Backbone.ByName(backbone), Head.Classifier(512, 300, Classes, new()));
        net.train();
        using (no_grad())
            for (var i = 0; i < 4; i++) net.call(rand(8, 3, Size, Size)).Dispose();
        net.eval();
        return net;
    }
}

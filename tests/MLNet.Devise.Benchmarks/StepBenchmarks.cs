using BenchmarkDotNet.Attributes;
using MLNet.Devise.Training;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Devise.Benchmarks;

/// <summary>One step of the embedding network on 8 random images of 224 pixels: single precision beside bfloat16, whole beside the head alone.</summary>
public class StepBenchmarks
{
    private const int Images = 8, Classes = 20;

    private readonly DisposeScope _scope;
    private readonly DeviseNet _net;
    private readonly TrainingBatch _pixels, _pooled;
    private readonly Func<Tensor, Tensor, Tensor> _loss;
    private readonly AdamW _optimizer;

    public StepBenchmarks()
    {
        TorchNative.Ensure();
        _scope = NewDisposeScope();
        var backbone = Backbone.ByName("squeezenet1_1");
        _net = new DeviseNet(backbone, Head.Embedder(backbone.FeatureMaps, 300, new())) { BFloat16 = Trainer.UseBFloat16(new()) };
        var labels = tensor(Enumerable.Range(0, Images).Select(i => (long)i % Classes).ToArray());
        _pixels = new(rand(Images, 224, 224, 3).permute(0, 3, 1, 2), labels, new Data.ImageItem[Images]);
        _pooled = new(rand(Images, 2 * backbone.FeatureMaps), labels, new Data.ImageItem[Images]);
        var vectors = nn.functional.normalize(randn(Classes, 300));
        _loss = (output, label) => nn.functional.cosine_similarity(output, vectors.index_select(0, label)).TakenFrom(1).mean();
        _optimizer = LayerGroups.Optimizer(LayerGroups.Of(_net, new() { Epochs = 1, LearningRate = 1e-6 }, []), new());
        _net.train();
    }

    [Benchmark(Baseline = true)]
    public double Whole() => TrainingStep.Run(_net.call, new(_loss, scores => scores), _optimizer, _pixels);

    [Benchmark]
    public double HeadAlone() => TrainingStep.Run(_net.Parts, new(_loss, scores => scores), _optimizer, _pooled);

    [GlobalCleanup]
    public void Free()
    {
        _optimizer.Dispose();
        _net.Dispose();
        _pixels.Dispose();
        _pooled.Dispose();
        _scope.Dispose();
    }
}

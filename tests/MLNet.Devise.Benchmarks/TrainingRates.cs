using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Training;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Devise.Benchmarks;

/// <summary>Images a second of our training, phase by phase, on a data folder.</summary>
internal sealed class TrainingRates : IDisposable
{
    /// <summary>In the place of a vector file: the data are any images, with drawn classes.</summary>
    public const string Drawn = "-";

    /// <summary>Steps before those measured; and how many more a head alone takes of either, for its steps are short.</summary>
    private const int WarmUp = 4, More = 10;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TrainingOptions _options;
    private readonly ImageDataset _data;
    private readonly ImageFeed _feed;
    private readonly DeviseNet _net;
    private readonly Objective _objective;
    private readonly int _steps;
    private readonly string _folder;

    public TrainingRates(string data, string vectors, string pretrained, TrainingPrecision precision, int threads, int steps, string folder)
    {
        TorchNative.Ensure();
        set_num_threads(threads);
        random.manual_seed(0);
        (_options, _steps, _folder) = (new() { Pretrained = pretrained, Precision = precision, Threads = threads }, steps, folder);
        var drawn = vectors == Drawn;
        _data = drawn ? DrawnClasses.Of(data, Path.Combine(folder, "data")) : ImageDataset.Open(data);
        _feed = new ImageFeed(_data, _options, folder);
        var (backbone, labels) = (Backbone.ByName(_options.Backbone), drawn ? DrawnClasses.Vectors(_data.Seen) : LabelSpace.FromVec(_data.Seen, vectors));
        _net = new DeviseNet(backbone, Head.Embedder(backbone.FeatureMaps, labels.Dimension, _options.Head)) { BFloat16 = Trainer.UseBFloat16(_options) };
        Weights.Load(_net.features, WeightsFile.Read(pretrained), backbone.WeightPrefix, pretrained);
        _objective = Objective.Embedding(labels, _options.Loss);
    }

    /// <summary>Whole steps, each image decoded for the first time: decode, variation, forward, backward, update.</summary>
    public Rate First() => Steps(unfrozen: true, new PixelSource(_net, _feed, [], CPU), 0, 1);

    /// <summary>Whole steps with the images decoded before, as in every epoch but the first.</summary>
    public Rate Later()
    {
        foreach (var batch in _feed.Train(0)) batch.Dispose(); // decodes what is not decoded yet
        return Steps(unfrozen: true, new PixelSource(_net, _feed, [], CPU), 1, _steps);
    }

    /// <summary>The same batch again and again: the network alone.</summary>
    public Rate StepOnly()
    {
        using var batch = new PixelSource(_net, _feed, [], CPU).Train(0, 0).First();
        using (var optimizer = Prepare(unfrozen: true))
        {
            Train(optimizer, _net.call, Enumerable.Repeat(batch, WarmUp), keep: true);
            return Rate.Of(() => Train(optimizer, _net.call, Enumerable.Repeat(batch, _steps), keep: true));
        }
    }

    /// <summary>A frozen backbone run in every step.</summary>
    public Rate Frozen() => Steps(unfrozen: false, new PixelSource(_net, _feed, [], CPU), 1, _steps);

    /// <summary>A frozen backbone whose results were kept: the head alone.</summary>
    public Rate FrozenCached()
    {
        var run = new TrainingContext { Data = _data, Feed = _feed, Options = _options, How = new() { Cache = _folder }, Folder = _folder, Device = CPU, State = new(), Report = _ => { } };
        _ = LayerGroups.Of(_net, PhaseOptions.Paper[0], []);
        using var source = new PooledSource(_net, _feed, new PooledViews(_net, run, (_, _) => { }), [], 0, 1, CPU, CancellationToken.None);
        source.Train(0, 0).First().Dispose(); // computes the view
        return Steps(unfrozen: false, source, 0, _steps * More, More);
    }

    public void Dispose()
    {
        _feed.Dispose();
        _scope.Dispose();
    }

    /// <summary>Steps from an epoch on, at most so many epochs, for the data may have few; and so many times as many steps as usual.</summary>
    private Rate Steps(bool unfrozen, IBatchSource source, int epoch, int epochs, int times = 1)
    {
        IEnumerable<TrainingBatch> From(int first, int count) => Enumerable.Range(first, epochs).SelectMany(each => source.Train(each, 0)).Take(count);
        using (var optimizer = Prepare(unfrozen))
        {
            Train(optimizer, source.Forward, From(epoch + 1000, WarmUp * times));
            return Rate.Of(() => Train(optimizer, source.Forward, From(epoch, _steps * times)));
        }
    }

    private AdamW Prepare(bool unfrozen)
    {
        var groups = LayerGroups.Of(_net, unfrozen ? PhaseOptions.Paper[1] : PhaseOptions.Paper[0], _objective.Parameters);
        _net.train();
        return LayerGroups.Optimizer(groups, _options);
    }

    private int Train(AdamW optimizer, Func<Tensor, Tensor> forward, IEnumerable<TrainingBatch> batches, bool keep = false)
    {
        var images = 0;
        foreach (var batch in batches)
        {
            (optimizer.RateFactor, optimizer.Momentum) = (1e-3, 0.9);
            TrainingStep.Run(forward, _objective, optimizer, batch);
            images += batch.Count;
            if (!keep) batch.Dispose();
        }
        return images;
    }
}

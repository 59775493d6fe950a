using MLNet.Devise.Training.Backbones;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>A running average of a network's weights and batch statistics (EMA): smoother than the last step's, and usually better.</summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly (Tensor Live, Tensor Mean)[] _pairs;
    private readonly string[] _names;
    private readonly double _decay;

    /// <summary>Starts at the network's weights as they are.</summary>
    public WeightAverage(DeviseNet net, double decay)
    {
        using var untracked = no_grad();
        var state = Weights.State(net);
        (_names, _decay) = ([.. state.Select(entry => entry.Name)], decay);
        _pairs = [.. state.Select(entry => (entry.Tensor, entry.Tensor.detach().clone().DetachFromDisposeScope()))];
    }

    /// <summary>Steps averaged so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Takes the network's weights in. The first steps count more, so that the start is forgotten soon.</summary>
    public void Update()
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var decay = Math.Min(_decay, (1.0 + Steps) / (10 + Steps));
        Steps++;
        foreach (var (live, mean) in _pairs) mean.lerp_(live.detach(), 1 - decay);
    }

    /// <summary>Takes some weights as they are now: those that training leaves alone from here on, so that a head is validated and kept on the features it learns from.</summary>
    /// <param name="prefix">What their names begin with.</param>
    public void Settle(string prefix)
    {
        using var untracked = no_grad();
        foreach (var (_, (live, mean)) in _names.Zip(_pairs).Where(entry => entry.First.StartsWith(prefix, StringComparison.Ordinal))) mean.copy_(live);
    }

    /// <summary>Swaps average and network: once to look at the average, once more to train on.</summary>
    public void Exchange()
    {
        using var untracked = no_grad();
        foreach (var (live, mean) in _pairs)
        {
            using var kept = live.detach().clone();
            live.copy_(mean);
            mean.copy_(kept);
        }
    }

    /// <summary>The average by name, for a checkpoint.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State => _names.Zip(_pairs, (name, pair) => (name, pair.Mean));

    /// <summary>Goes on where a checkpoint was.</summary>
    public void Restore(long steps) => Steps = steps;

    public void Dispose()
    {
        foreach (var (_, mean) in _pairs) mean.Dispose();
    }
}

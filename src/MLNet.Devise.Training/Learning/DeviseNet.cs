using MLNet.Devise.Training.Backbones;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>Normalisation, backbone and head: images N×3×H×W in 0..1 → N×classes logits (stage 1) or N×300 embeddings (stage 2, not yet of unit length).</summary>
internal sealed class DeviseNet : nn.Module<Tensor, Tensor>
{
    public readonly Normalize normalize;
    public readonly Sequential features, head;
    public readonly Prior? prior;

    private readonly nn.Module[] _layers;
    private readonly nn.Module<Tensor, Tensor>[] _pooling, _rest;

    public DeviseNet(Backbone backbone, Sequential head, Prior? prior = null) : base(nameof(DeviseNet))
    {
        Backbone = backbone;
        normalize = new Normalize(Backbones.Backbone.Mean, Backbones.Backbone.Std);
        features = backbone.Create();
        (this.head, this.prior) = (head, prior);
        RegisterComponents();
        _layers = [.. features.children()];
        var parts = head.children().Cast<nn.Module<Tensor, Tensor>>().ToArray();
        (_pooling, _rest) = (parts[..Head.PoolingLayers], parts[Head.PoolingLayers..]);
    }

    public Backbone Backbone { get; }

    /// <summary>Whether the backbone, and the prior that reads its maps, trains in bfloat16; the head, and everything outside training, stays in single precision.</summary>
    public bool BFloat16 { get; init; }

    /// <summary>
    /// So many of the backbone's layers, from the image on, are left as they are by training, their batch statistics too: they then compute
    /// in training what they compute in evaluation. Set by each phase.
    /// </summary>
    public int FixedLayers { get; set; }

    /// <summary>Whether that is all of them.</summary>
    public bool BackboneFixed => FixedLayers == _layers.Length;

    public long ParameterCount => parameters().Sum(parameter => parameter.numel());

    public override void train(bool on = true)
    {
        base.train(on);
        if (BackboneFixed) features.eval();
        else foreach (var layer in _layers.Take(FixedLayers)) layer.eval();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Join(Parts(Pool(input))).MoveToOuterDisposeScope();
    }

    /// <summary>What <see cref="Parts"/> gives → the embedding, not of unit length.</summary>
    public Tensor Join(Tensor parts) => prior is null ? parts.alias() : Prior.Join(parts, prior.Weight);

    /// <summary>Values of what <see cref="Pool"/> gives of an image.</summary>
    public int PooledWidth => 2 * Backbone.FeatureMaps + (prior?.Count ?? 0);

    /// <summary>The backbone's part: images N×3×H×W → N×2f, maximum and mean of every feature map, and the logits of the prior where there is one.</summary>
    public Tensor Pool(Tensor images)
    {
        using var scope = NewDisposeScope();
        using var autocast = Autocast.Enter(BFloat16 && training);
        var maps = features.call(normalize.call(images));
        var pooled = _pooling.Aggregate(maps.to(ScalarType.Float32), (tensor, layer) => layer.call(tensor));
        return (prior is null ? pooled : cat([pooled, prior.Logits(maps).to(ScalarType.Float32)], 1)).MoveToOuterDisposeScope();
    }

    /// <summary>The head's part: what <see cref="Pool"/> gives → the head's output, and beside it the vector of the prior where there is one.</summary>
    public Tensor Parts(Tensor pooled)
    {
        using var scope = NewDisposeScope();
        var features = prior is null ? pooled : pooled.narrow(1, 0, PooledWidth - prior.Count);
        var output = _rest.Aggregate(features, (tensor, layer) => layer.call(tensor));
        return (prior is null ? output : cat([output, prior.Vector(pooled.narrow(1, PooledWidth - prior.Count, prior.Count))], 1)).MoveToOuterDisposeScope();
    }
}

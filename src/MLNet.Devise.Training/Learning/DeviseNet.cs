using MLNet.Devise.Training.Backbones;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>Normalisation, backbone and head: images N×3×H×W in 0..1 → N×classes logits (stage 1) or N×300 embeddings (stage 2, not yet of unit length).</summary>
internal sealed class DeviseNet : nn.Module<Tensor, Tensor>
{
    public readonly Normalize normalize;
    public readonly Sequential features, head;

    private readonly nn.Module[] _layers;
    private readonly nn.Module<Tensor, Tensor>[] _pooling, _rest;

    public DeviseNet(Backbone backbone, Sequential head) : base(nameof(DeviseNet))
    {
        Backbone = backbone;
        normalize = new Normalize(Backbones.Backbone.Mean, Backbones.Backbone.Std);
        features = backbone.Create();
        this.head = head;
        RegisterComponents();
        _layers = [.. features.children()];
        var parts = head.children().Cast<nn.Module<Tensor, Tensor>>().ToArray();
        (_pooling, _rest) = (parts[..Head.PoolingLayers], parts[Head.PoolingLayers..]);
    }

    public Backbone Backbone { get; }

    /// <summary>Whether the backbone trains in bfloat16; the head, and everything outside training, stays in single precision.</summary>
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
        return FromPooled(Pool(input)).MoveToOuterDisposeScope();
    }

    /// <summary>The backbone's part: images N×3×H×W → N×2f, maximum and mean of every feature map.</summary>
    public Tensor Pool(Tensor images)
    {
        using var scope = NewDisposeScope();
        return _pooling.Aggregate(Maps(normalize.call(images)), (tensor, layer) => layer.call(tensor)).MoveToOuterDisposeScope();
    }

    /// <summary>The head's part: what <see cref="Pool"/> gives → output.</summary>
    public Tensor FromPooled(Tensor pooled)
    {
        using var scope = NewDisposeScope();
        return _rest.Aggregate(pooled, (tensor, layer) => layer.call(tensor)).MoveToOuterDisposeScope();
    }

    private Tensor Maps(Tensor normalized)
    {
        using var autocast = Autocast.Enter(BFloat16 && training);
        return features.call(normalized).to(ScalarType.Float32);
    }
}

using MLNet.Devise.Training.Backbones;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>Normalisation, backbone and head: images N×3×H×W in 0..1 → N×classes logits (stage 1) or N×300 embeddings (stage 2, not yet of unit length).</summary>
internal sealed class DeviseNet : nn.Module<Tensor, Tensor>
{
    public readonly Normalize normalize;
    public readonly Sequential features, head;

    public DeviseNet(Backbone backbone, Sequential head) : base(nameof(DeviseNet))
    {
        Backbone = backbone;
        normalize = new Normalize(Backbones.Backbone.Mean, Backbones.Backbone.Std);
        features = backbone.Create();
        this.head = head;
        RegisterComponents();
    }

    public Backbone Backbone { get; }

    /// <summary>Whether the backbone trains in bfloat16; the head, and everything outside training, stays in single precision.</summary>
    public bool BFloat16 { get; init; }

    /// <summary>
    /// Whether training leaves the whole backbone as it is, its batch statistics too: it then computes in training what it computes in
    /// evaluation. Set by each phase.
    /// </summary>
    public bool BackboneFixed { get; set; }

    public long ParameterCount => parameters().Sum(parameter => parameter.numel());

    public override void train(bool on = true)
    {
        base.train(on);
        if (BackboneFixed) features.eval();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return head.call(Maps(normalize.call(input))).MoveToOuterDisposeScope();
    }

    private Tensor Maps(Tensor normalized)
    {
        using var autocast = Autocast.Enter(BFloat16 && training);
        return features.call(normalized).to(ScalarType.Float32);
    }
}

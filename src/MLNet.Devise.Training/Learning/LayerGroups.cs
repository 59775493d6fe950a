using TorchSharp.Modules;

namespace MLNet.Devise.Training.Learning;

/// <summary>Parameters that share a learning rate.</summary>
/// <param name="Parameters">What the group trains.</param>
/// <param name="Rate">Its peak learning rate.</param>
/// <param name="Decays">Whether weight decay applies.</param>
internal sealed record LayerGroup(IReadOnlyList<Parameter> Parameters, double Rate, bool Decays = true);

/// <summary>Divides a network into groups from the image to the head, which learn ever faster (fastai's discriminative rates).</summary>
internal static class LayerGroups
{
    /// <summary>The groups that a phase trains; also freezes and unfreezes the backbone accordingly.</summary>
    /// <param name="net">The network.</param>
    /// <param name="phase">Frozen or not, and the rates.</param>
    /// <param name="further">What else learns, at the head's rate.</param>
    public static IReadOnlyList<LayerGroup> Of(DeviseNet net, PhaseOptions phase, IReadOnlyList<Parameter> further)
    {
        Parameter[] head = [.. net.head.parameters(), .. further];
        var layers = net.features.children().ToArray();
        var frozenLayers = phase.LastGroupOnly ? net.Backbone.Splits[^1] : phase.FrozenLayers;
        net.FixedLayers = phase.Frozen ? layers.Length : frozenLayers;
        foreach (var (layer, i) in layers.Select((layer, i) => (layer, i)))
            foreach (var parameter in layer.parameters()) parameter.requires_grad = i >= net.FixedLayers;
        if (phase.Frozen)
        {
            var norms = phase.TrainNorms ? net.features.modules().OfType<BatchNorm>().SelectMany(norm => norm.parameters()).ToArray() : [];
            foreach (var parameter in norms) parameter.requires_grad = true;
            if (norms.Length > 0) net.FixedLayers = 0;
            return [new([.. norms, .. head], phase.LearningRate)];
        }
        int[] edges = [0, .. net.Backbone.Splits, int.MaxValue];
        var rates = OneCycle.Spread(phase.LowestLearningRate ?? phase.LearningRate, phase.LearningRate, edges.Length);
        return
        [
            .. Enumerable.Range(0, edges.Length - 1).Select(g => new LayerGroup(
                [.. layers.Where((_, i) => i >= Math.Max(edges[g], frozenLayers) && i < edges[g + 1]).SelectMany(layer => layer.parameters())], rates[g]))
                .Where(group => group.Parameters.Count > 0),
            new(head, rates[^1]),
        ];
    }

    /// <summary>
    /// The same groups, with what weight decay spares (biases, and scale and shift of batch normalisation: all that has one dimension) in
    /// groups of their own.
    /// </summary>
    public static IReadOnlyList<LayerGroup> SpareBiases(IReadOnlyList<LayerGroup> groups) =>
    [
        .. groups.SelectMany(group => group.Parameters.GroupBy(parameter => parameter.dim() > 1).OrderBy(part => part.Key)
            .Select(part => group with { Parameters = [.. part], Decays = part.Key })),
    ];

    /// <summary>The optimizer of a phase.</summary>
    public static AdamW Optimizer(IReadOnlyList<LayerGroup> groups, TrainingOptions options) => new(options.DecayBiases ? groups : SpareBiases(groups), options.Beta2, options.WeightDecay) { Momentum = options.OneCycle.MomentumHigh };
}

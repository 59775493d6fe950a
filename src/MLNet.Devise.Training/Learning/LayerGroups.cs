using TorchSharp.Modules;

namespace MLNet.Devise.Training.Learning;

/// <summary>Parameters that share a learning rate.</summary>
/// <param name="Parameters">What the group trains.</param>
/// <param name="Rate">Its peak learning rate.</param>
internal sealed record LayerGroup(IReadOnlyList<Parameter> Parameters, double Rate);

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
        foreach (var parameter in net.features.parameters()) parameter.requires_grad = !phase.Frozen;
        net.BackboneFixed = phase.Frozen;
        if (phase.Frozen)
        {
            var norms = phase.TrainNorms ? net.features.modules().OfType<BatchNorm>().SelectMany(norm => norm.parameters()).ToArray() : [];
            foreach (var parameter in norms) parameter.requires_grad = true;
            net.BackboneFixed = norms.Length == 0;
            return [new([.. norms, .. head], phase.LearningRate)];
        }
        int[] edges = [0, .. net.Backbone.Splits, int.MaxValue];
        var layers = net.features.children().ToArray();
        var rates = OneCycle.Spread(phase.LowestLearningRate ?? phase.LearningRate, phase.LearningRate, edges.Length);
        return
        [
            .. Enumerable.Range(0, edges.Length - 1).Select(g => new LayerGroup(
                [.. layers.Where((_, i) => i >= edges[g] && i < edges[g + 1]).SelectMany(layer => layer.parameters())], rates[g])),
            new(head, rates[^1]),
        ];
    }

    /// <summary>The optimizer of a phase. TorchSharp gives a group its own defaults, not the optimizer's, so each group is told everything.</summary>
    public static AdamW Optimizer(IReadOnlyList<LayerGroup> groups, TrainingOptions options) =>
        new(groups.Select(group => new AdamW.ParamGroup(group.Parameters, lr: group.Rate, beta1: options.OneCycle.MomentumHigh, beta2: options.Beta2, weight_decay: options.WeightDecay)), lr: groups[^1].Rate);

    /// <summary>Sets every group's learning rate and β1.</summary>
    /// <returns>The head's learning rate.</returns>
    public static double Set(AdamW optimizer, IReadOnlyList<LayerGroup> groups, double factor, double momentum)
    {
        var i = 0;
        foreach (var group in optimizer.ParamGroups)
        {
            group.LearningRate = groups[i++].Rate * factor;
            ((AdamW.ParamGroup)group).Options.beta1 = momentum;
        }
        return groups[^1].Rate * factor;
    }
}

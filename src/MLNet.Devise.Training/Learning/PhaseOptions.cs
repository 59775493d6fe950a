namespace MLNet.Devise.Training.Learning;

/// <summary>Some epochs under one schedule.</summary>
public sealed record PhaseOptions
{
    /// <summary>Passes over the training images, at least 1.</summary>
    public required int Epochs { get; init; }

    /// <summary>Whether the backbone stays as it is: its weights, and the batch statistics of one that has batch normalisation (ResNet).</summary>
    public bool Frozen { get; init; }

    /// <summary>
    /// In a phase that is not <see cref="Frozen"/>: so many of the backbone's layers, counted from the image, stay as they are. 0 trains all.
    /// </summary>
    public int FrozenLayers { get; init; }

    /// <summary>
    /// Whether only the last layer group of the backbone is trained, with the head: SqueezeNet's last four fire modules, ResNet-34's
    /// <c>layer3</c> and <c>layer4</c>. Takes the place of <see cref="FrozenLayers"/>.
    /// </summary>
    public bool LastGroupOnly { get; init; }

    /// <summary>
    /// In a <see cref="Frozen"/> phase: whether batch normalisation of the backbone is trained all the same, scale, shift and statistics, as fastai v1 does by
    /// default. The statistics then follow the new images, but each frozen step costs nearly as much as an unfrozen one. SqueezeNet has none.
    /// </summary>
    public bool TrainNorms { get; init; }

    /// <summary>Peak learning rate of the last layer group, the head.</summary>
    public required double LearningRate { get; init; }

    /// <summary>
    /// In a phase that is not <see cref="Frozen"/>: peak learning rate of the first layer group; the groups between are spread geometrically. Null
    /// gives all the head's.
    /// </summary>
    public double? LowestLearningRate { get; init; }

    /// <summary><c>frozen</c> or <c>unfrozen</c>, as the history has it.</summary>
    internal string Name => Frozen ? "frozen" : "unfrozen";

    /// <summary>The paper's two phases: 5 epochs frozen at 3e-3, 3 epochs unfrozen at 1e-5..1e-4.</summary>
    internal static IReadOnlyList<PhaseOptions> Paper { get; } =
        [new() { Epochs = 5, Frozen = true, LearningRate = 3e-3 }, new() { Epochs = 3, LearningRate = 1e-4, LowestLearningRate = 1e-5 }];

    internal void Validate(string stage, Backbones.Backbone backbone)
    {
        if (Epochs is < 1 or > 10_000) throw new DeviseInputException($"{stage}.epochs: {Epochs}, expected 1..10000");
        if (FrozenLayers < 0 || FrozenLayers >= backbone.Layers) throw new DeviseInputException($"{stage}.frozenLayers: {FrozenLayers}, but {backbone.Name} has {backbone.Layers} layers, expected 0..{backbone.Layers - 1}, or \"frozen\": true for all of them");
        if (LastGroupOnly && (Frozen || FrozenLayers > 0)) throw new DeviseInputException($"{stage}.lastGroupOnly: said beside {(Frozen ? "frozen" : "frozenLayers")}, expected one of them");
        foreach (var (key, rate) in ((string, double)[])[("learningRate", LearningRate), ("lowestLearningRate", LowestLearningRate ?? LearningRate)])
            if (rate is not (> 0 and < 10)) throw new DeviseInputException($"{stage}.{key}: {rate}, expected above 0 and below 10");
    }

    /// <summary>Throws where an option would be passed over in silence.</summary>
    internal void CheckUsed(string stage)
    {
        if (TrainNorms && !Frozen) throw new DeviseInputException($"{stage}.trainNorms: counts only in a frozen phase, expected \"frozen\": true beside it, or neither");
        if (LowestLearningRate is not null && Frozen) throw new DeviseInputException($"{stage}.lowestLearningRate: a frozen phase has one rate, the head's, expected learningRate alone");
    }
}

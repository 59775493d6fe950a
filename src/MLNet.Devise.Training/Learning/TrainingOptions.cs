using MLNet.Devise.Scoring;

namespace MLNet.Devise.Training.Learning;

/// <summary>All that decides a training run besides its data; kept whole in <c>train.json</c> and in the bundle.</summary>
public sealed record TrainingOptions
{
    /// <summary>Architecture by torchvision's name.</summary>
    public string Backbone { get; init; } = "squeezenet1_1";

    /// <summary>Weights to start from, a <c>.safetensors</c> or PyTorch <c>.pth</c> file; null trains from scratch.</summary>
    public string? Pretrained { get; init; }

    /// <summary>Side of the square that the network sees, pixels.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>How pictures are scaled to that square, in training and in scoring.</summary>
    public ImageScaling Scaling { get; init; } = ImageScaling.Stock;

    /// <summary>Images a step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Decoupled weight decay of AdamW, per step and unit of learning rate.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Adam's β2.</summary>
    public double Beta2 { get; init; } = 0.99;

    /// <summary>Seed of initial weights, order, dropout and augmentation.</summary>
    public long Seed { get; init; }

    /// <summary>Threads of the tensor library; 0 takes one a processor. The same seed and thread count give the same weights.</summary>
    public int Threads { get; init; }

    /// <summary>Arithmetic of the backbone's training steps.</summary>
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Auto;

    /// <summary>What stage 2 minimises.</summary>
    public EmbeddingLoss Loss { get; init; } = EmbeddingLoss.Cosine;

    /// <summary>The head.</summary>
    public HeadOptions Head { get; init; } = new();

    /// <summary>Shape of every phase's cycle.</summary>
    public OneCycleOptions OneCycle { get; init; } = new();

    /// <summary>Variation of training images.</summary>
    public AugmentOptions Augment { get; init; } = new();

    /// <summary>Classification with cross entropy. No phases leave the stage out.</summary>
    public IReadOnlyList<PhaseOptions> Stage1 { get; init; } = PhaseOptions.Paper;

    /// <summary>Embedding against the label vectors.</summary>
    public IReadOnlyList<PhaseOptions> Stage2 { get; init; } = PhaseOptions.Paper;

    /// <summary>Checks every value.</summary>
    /// <exception cref="DeviseInputException">A value is out of range; the message names the option.</exception>
    public void Validate()
    {
        var backbone = Backbones.Backbone.ByName(Backbone);
        if (ImageSize is < 32 or > 1024) throw new DeviseInputException($"imageSize: {ImageSize}, expected 32..1024 pixels");
        if (BatchSize is < 2 or > 4096) throw new DeviseInputException($"batchSize: {BatchSize}, expected 2..4096");
        if (WeightDecay is not (>= 0 and < 1)) throw new DeviseInputException($"weightDecay: {WeightDecay}, expected at least 0 and below 1");
        if (Beta2 is not (> 0 and < 1)) throw new DeviseInputException($"beta2: {Beta2}, expected between 0 and 1");
        if (Threads is < 0 or > 1024) throw new DeviseInputException($"threads: {Threads}, expected 0 (one a processor) to 1024");
        if (Stage2.Count == 0) throw new DeviseInputException("stage2: no phases, expected at least one: it is what makes embeddings");
        if (!Enum.IsDefined(Loss)) throw new DeviseInputException($"loss: {Loss}, expected cosine, ranking or softmax");
        Head.Validate();
        OneCycle.Validate();
        Augment.Validate();
        foreach (var (name, phases) in ((string, IReadOnlyList<PhaseOptions?>)[])[("stage1", Stage1), ("stage2", Stage2)])
            foreach (var phase in phases) (phase ?? throw new DeviseInputException($"{name}: a phase is null, expected epochs and a learning rate")).Validate(name);
        if (Pretrained is null && Stage1.Concat(Stage2).All(phase => phase.Frozen))
            throw new DeviseInputException($"pretrained: none, yet every phase keeps the {backbone.Name} frozen, expected weights or an unfrozen phase");
    }
}

/// <summary>Arithmetic of the backbone in training; scoring is always in single precision.</summary>
public enum TrainingPrecision
{
    /// <summary>bfloat16 where the processor has it in hardware, else single precision.</summary>
    Auto,
    /// <summary>Single precision, the same everywhere.</summary>
    Fp32,
    /// <summary>bfloat16 with single-precision weights (automatic mixed precision); an error where the processor lacks it.</summary>
    Bf16,
}

/// <summary>Some epochs under one schedule.</summary>
public sealed record PhaseOptions
{
    /// <summary>Passes over the training images, at least 1.</summary>
    public required int Epochs { get; init; }

    /// <summary>Whether the backbone stays as it is: its weights, and the batch statistics of one that has batch normalisation (ResNet).</summary>
    public bool Frozen { get; init; }

    /// <summary>
    /// Whether batch normalisation of a frozen backbone is trained all the same, scale, shift and statistics, as fastai v1 does by
    /// default. The statistics then follow the new images, but each frozen step costs nearly as much as an unfrozen one. SqueezeNet has none.
    /// </summary>
    public bool TrainNorms { get; init; }

    /// <summary>Peak learning rate of the last layer group, the head.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Peak learning rate of the first layer group; the groups between are spread geometrically. Null gives all the head's.</summary>
    public double? LowestLearningRate { get; init; }

    /// <summary>The paper's two phases: 5 epochs frozen at 3e-3, 3 epochs unfrozen at 1e-5..1e-4.</summary>
    internal static IReadOnlyList<PhaseOptions> Paper { get; } =
        [new() { Epochs = 5, Frozen = true, LearningRate = 3e-3 }, new() { Epochs = 3, LearningRate = 1e-4, LowestLearningRate = 1e-5 }];

    internal void Validate(string stage)
    {
        if (Epochs is < 1 or > 10_000) throw new DeviseInputException($"{stage}.epochs: {Epochs}, expected 1..10000");
        foreach (var rate in (double[])[LearningRate, LowestLearningRate ?? LearningRate])
            if (rate is not (> 0 and < 10)) throw new DeviseInputException($"{stage}.learningRate: {rate}, expected above 0 and below 10");
    }
}

using MLNet.Devise.Labels;
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

    /// <summary>Whether weight decay also pulls at biases and batch normalisation, as in fastai v1.</summary>
    public bool DecayBiases { get; init; } = true;

    /// <summary>Largest norm of a step's whole gradient; longer ones are scaled down to it. Null leaves them as they are.</summary>
    public double? GradientClip { get; init; }

    /// <summary>
    /// Decay a step of a running average of the weights, which is then what is validated and kept (Polyak and Juditsky 1992); it starts
    /// faster, at (1 + t)/(10 + t). A phase that leaves the backbone as it is goes on from its last weights, not from their average. 0 keeps the last weights themselves.
    /// </summary>
    public double Ema { get; init; }

    /// <summary>Keeps, of each stage, the weights of the epoch with the best validation accuracy instead of the last ones.</summary>
    public bool KeepBest { get; init; }

    /// <summary>Ends a phase early after so many epochs without a better validation accuracy; null never does.</summary>
    public int? Patience { get; init; }

    /// <summary>
    /// A frozen phase runs each image through the backbone in so many variations, once, and trains the head on what came out; more epochs
    /// than that see the same again. Null makes one an epoch, so that nothing but rounding differs from running the backbone in every step; 0 does run it.
    /// With <see cref="ClassBalance.Sampling"/> null is 0, for an epoch then draws images again and again, which of a number of variations would all look alike.
    /// </summary>
    public int? Views { get; init; }

    /// <summary>
    /// Whether γ of calibrated stacking is chosen, on seen classes that are held out of trial heads. Where stage 2 starts from stage 1 the
    /// backbone has been trained on them there.
    /// </summary>
    public bool Calibrate { get; init; } = true;

    /// <summary>Seed of initial weights, order, dropout and augmentation.</summary>
    public long Seed { get; init; }

    /// <summary>Threads of the tensor library; 0 takes one a processor. The same seed and thread count give the same weights.</summary>
    public int Threads { get; init; }

    /// <summary>Arithmetic of the backbone's training steps.</summary>
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Auto;

    /// <summary>Where the network is trained.</summary>
    public TrainingDevice Device { get; init; } = TrainingDevice.Cpu;

    /// <summary>What stage 2 minimises.</summary>
    public LossOptions Loss { get; init; } = new();

    /// <summary>How the vectors of labels are found among the words of the file.</summary>
    public PhraseOptions Phrases { get; init; } = new();

    /// <summary>What is done to the word vectors before they become targets.</summary>
    public LabelTransformOptions LabelTransform { get; init; } = new();

    /// <summary>The pretrained classifier as a part of the embedding; null leaves it out, and training from scratch has none.</summary>
    public PriorOptions? Prior { get; init; }

    /// <summary>What is done about classes with few images.</summary>
    public ClassBalance Balance { get; init; } = ClassBalance.None;

    /// <summary>Share of the true class that stage 1 spreads over all classes (Szegedy et al. 2016, arXiv:1512.00567, §7), 0..1.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>The head.</summary>
    public HeadOptions Head { get; init; } = new();

    /// <summary>Shape of every phase's cycle.</summary>
    public OneCycleOptions OneCycle { get; init; } = new();

    /// <summary>Variation of training images.</summary>
    public AugmentOptions Augment { get; init; } = new();

    /// <summary>Mixing of training images with each other.</summary>
    public MixOptions Mix { get; init; } = new();

    /// <summary>Folder of a finished run whose stage 1 is taken instead of training one; null trains it.</summary>
    public string? Stage1Run { get; init; }

    /// <summary>Classification with cross entropy. No phases leave the stage out.</summary>
    public IReadOnlyList<PhaseOptions> Stage1 { get; init; } = PhaseOptions.Paper;

    /// <summary>What stage 2 starts from.</summary>
    public Stage2Start Stage2Start { get; init; } = Stage2Start.Stage1;

    /// <summary>Embedding against the label vectors.</summary>
    public IReadOnlyList<PhaseOptions> Stage2 { get; init; } = PhaseOptions.Paper;

    /// <summary>Checks every value, and that none would be passed over.</summary>
    /// <exception cref="DeviseInputException">A value is out of range, or counts only beside another; the message names the option.</exception>
    public void Validate()
    {
        ValidateValues();
        foreach (var phase in Stage1) phase.CheckUsed("stage1");
        foreach (var phase in Stage2) phase.CheckUsed("stage2");
    }

    /// <summary>Checks every value alone: a finished run may have been trained with some that were passed over.</summary>
    /// <exception cref="DeviseInputException">A value is out of range; the message names the option.</exception>
    internal void ValidateValues()
    {
        var backbone = Backbones.Backbone.ByName(Backbone);
        if (ImageSize is < 32 or > 1024) throw new DeviseInputException($"imageSize: {ImageSize}, expected 32..1024 pixels");
        if (BatchSize is < 2 or > 4096) throw new DeviseInputException($"batchSize: {BatchSize}, expected 2..4096");
        if (Array.MaxLength / (3 * ImageSize * ImageSize) is var most && BatchSize > most) throw new DeviseInputException($"batchSize: {BatchSize} images of {ImageSize} × {ImageSize} pixels, expected at most {most} of that size");
        if (WeightDecay is not (>= 0 and < 1)) throw new DeviseInputException($"weightDecay: {WeightDecay}, expected at least 0 and below 1");
        if (Beta2 is not (> 0 and < 1)) throw new DeviseInputException($"beta2: {Beta2}, expected between 0 and 1");
        if (Threads is < 0 or > 1024) throw new DeviseInputException($"threads: {Threads}, expected 0 (one a processor) to 1024");
        if (Stage2.Count == 0) throw new DeviseInputException("stage2: no phases, expected at least one: it is what makes embeddings");
        if (GradientClip is not (null or > 0)) throw new DeviseInputException($"gradientClip: {GradientClip}, expected above 0, or null for none");
        if (Ema is not (>= 0 and < 1)) throw new DeviseInputException($"ema: {Ema}, expected at least 0 and below 1");
        if (Patience is < 1) throw new DeviseInputException($"patience: {Patience}, expected at least 1, or null for none");
        if (Views is < 0 or > 1000) throw new DeviseInputException($"views: {Views}, expected 0..1000, or null for one an epoch");
        if (LabelSmoothing is not (>= 0 and < 1)) throw new DeviseInputException($"labelSmoothing: {LabelSmoothing}, expected at least 0 and below 1");
        if (!Enum.IsDefined(Scaling)) throw new DeviseInputException($"scaling: {Scaling}, expected stock or antialiased");
        if (!Enum.IsDefined(Precision)) throw new DeviseInputException($"precision: {Precision}, expected auto, fp32 or bf16");
        if (!Enum.IsDefined(Device)) throw new DeviseInputException($"device: {Device}, expected cpu or cuda");
        if (!Enum.IsDefined(Balance)) throw new DeviseInputException($"balance: {Balance}, expected none, sampling or weights");
        if (!Enum.IsDefined(Stage2Start)) throw new DeviseInputException($"stage2Start: {Stage2Start}, expected stage1 or pretrained");
        Loss.Validate();
        Phrases.Validate();
        Prior?.Validate();
        LabelTransform.Validate();
        Mix.Validate();
        Head.Validate();
        OneCycle.Validate();
        Augment.Validate();
        foreach (var (name, phases) in ((string, IReadOnlyList<PhaseOptions?>)[])[("stage1", Stage1), ("stage2", Stage2)])
            foreach (var phase in phases) (phase ?? throw new DeviseInputException($"{name}: a phase is null, expected epochs and a learning rate")).Validate(name, backbone);
        if (Pretrained is null && Stage1Run is null && Stage1.Concat(Stage2).All(phase => phase.Frozen))
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

/// <summary>Where the network is trained.</summary>
public enum TrainingDevice
{
    /// <summary>The processor.</summary>
    Cpu,
    /// <summary>The first CUDA device; needs a CUDA libtorch package in the program that trains.</summary>
    Cuda,
}

/// <summary>What stage 2 starts from.</summary>
public enum Stage2Start
{
    /// <summary>The weights of stage 1, its classifier cut off: the paper's.</summary>
    Stage1,
    /// <summary>The pretrained weights once more, which have forgotten nothing, and a new head. Where nothing is pretrained, as <see cref="Stage1"/>.</summary>
    Pretrained,
}

/// <summary>What is done about classes with few images.</summary>
public enum ClassBalance
{
    /// <summary>Nothing: a class counts as often as it has images.</summary>
    None,
    /// <summary>An epoch draws every class equally often; it has as many images as without.</summary>
    Sampling,
    /// <summary>An image's loss is weighted by mean class size over its class's size.</summary>
    Weights,
}

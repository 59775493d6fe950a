namespace MLNet.Devise.Training.Learning;

/// <summary>
/// What the pretrained classifier says of an image, as a part of its embedding: the vectors of its 1000 ImageNet labels, averaged with their
/// probabilities as weights (ConSE, Norouzi et al. 2014, arXiv:1312.5650), are added to what the head says. The head learns what its
/// classes need; of everything else the classifier knows more than a few thousand images can teach.
/// </summary>
/// <remarks>
/// ImageNet labels that name a class which is not trained on, or have its last word among theirs, are left out: zero-shot stays zero-shot. Labels whose
/// names have no vector are left out too.
/// </remarks>
public sealed record PriorOptions
{
    /// <summary>Fewer labels than this with a vector are no prior; the run says so and goes on without.</summary>
    public const int FewestLabels = 100;

    /// <summary>Length of the classifier's vector beside the head's, which has length 1; above 0, at most 10.</summary>
    public double Weight { get; init; } = 0.5;

    /// <summary>
    /// Weight in the loss of 1 − cos(head's vector, classifier's vector), 0..1000: the head alone is to say what the classifier says
    /// (knowledge distillation, Hinton et al. 2015, arXiv:1503.02531).
    /// </summary>
    public double Distillation { get; init; } = 0.5;

    /// <exception cref="DeviseInputException">A value is out of range.</exception>
    internal void Validate()
    {
        if (!(Weight is > 0 and <= 10)) throw new DeviseInputException($"prior.weight: {Weight}, expected above 0, at most 10");
        if (!(Distillation is >= 0 and <= 1000)) throw new DeviseInputException($"prior.distillation: {Distillation}, expected 0..1000");
    }
}

namespace MLNet.Devise.Evaluation;

/// <summary>Measures embedded images against label vectors: classification, zero-shot, generalised zero-shot and retrieval.</summary>
public static class Evaluator
{
    /// <summary>Everything at once. The same input in any order gives the same result.</summary>
    /// <exception cref="DeviseInputException">
    /// No image to evaluate on, an image whose label is neither seen nor unseen, a class without vector, an embedding of another
    /// dimension than the labels or not of length 1, or a γ that is not a number.
    /// </exception>
    public static EvaluationResult Run(EvaluationInput input)
    {
        if (input.Gamma is { } gamma && !double.IsFinite(gamma)) throw new DeviseInputException($"gamma: {gamma}, expected a finite number, usually 0..1");
        var images = EvaluatedImages.Of(input);
        var confusion = ConfusionMatrix.Of(images);
        var report = new EvaluationReport(
            new(input.Stage1Accuracy),
            HitRates.Of(images, ..images.SeenItems, ..images.Seen),
            ZeroShot(images),
            GeneralizedMetrics.Of(images, input.Gamma),
            new(RetrievalMetrics.TextToImage(images), RetrievalMetrics.ImageToImage(images)),
            input.Model,
            Count(input, images),
            input.Timing);
        return new(report, confusion, ClassResult.Of(images, confusion), images.Items);
    }

    private static ZeroShotRates? ZeroShot(EvaluatedImages images)
    {
        var unseen = images.SeenItems..;
        if (images.SeenItems == images.Items.Count) return null;
        return new(
            HitRates.Of(images, unseen, images.Seen..images.Known),
            HitRates.Of(images, unseen, ..images.Known),
            images.Labels.Names.Count > images.Known ? HitRates.Of(images, unseen, ..) : null);
    }

    private static DataCounts Count(EvaluationInput input, EvaluatedImages images) => new(
        input.Seen.Count,
        input.Unseen.Count,
        input.TrainImages ?? input.Images.Count(image => image.Split == Data.Split.Train),
        images.SeenItems,
        images.SeenSplit.ToString().ToLowerInvariant(),
        images.Items.Count - images.SeenItems,
        input.SkippedImages);
}

/// <summary>What <see cref="Evaluator"/> found.</summary>
/// <param name="Report">The figures of <c>metrics.json</c>.</param>
/// <param name="Confusion">Which class is taken for which.</param>
/// <param name="Classes">How each class with images fared, seen first.</param>
/// <param name="Images">The images evaluated: seen classes, then unseen ones, each by path.</param>
public sealed record EvaluationResult(
    EvaluationReport Report, ConfusionMatrix Confusion, IReadOnlyList<ClassResult> Classes, IReadOnlyList<LabelledEmbedding> Images);

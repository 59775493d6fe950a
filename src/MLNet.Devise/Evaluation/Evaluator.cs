namespace MLNet.Devise.Evaluation;

/// <summary>Measures embedded images against label vectors: naming, zero-shot, generalised zero-shot, retrieval, calibration, each with an interval.</summary>
public static class Evaluator
{
    /// <summary>Everything at once. The same input in any order gives the same result.</summary>
    /// <exception cref="DeviseInputException">
    /// No image to evaluate on, an image whose label is neither seen nor unseen, a class without vector, an embedding of another
    /// dimension than the labels or not of length 1, a γ that is not a number, hypernyms without one of the classes, a vocabulary that
    /// cannot be read, or more images times labels than an array holds.
    /// </exception>
    public static EvaluationResult Run(EvaluationInput input)
    {
        if (input.Gamma is { } gamma && !double.IsFinite(gamma)) throw new DeviseInputException($"gamma: {gamma}, expected a finite number, usually 0..1");
        var (images, drawing) = (EvaluatedImages.Of(input), input.Intervals.Validated());
        var vocabulary = input.Vocabulary?.Rank(images);
        var (calibration, confidences) = CalibrationReport.Of(images);
        var predictions = Predictions.Of(images, confidences, vocabulary?.Ranks);
        var curve = images.SeenItems < images.Items.Count ? new SeenUnseenCurve(images) : null;
        var retrieval = RetrievalOutcomes.Of(images);
        var confusion = ConfusionMatrix.Of(images);
        var report = new EvaluationReport(
            new(input.Stage1Accuracy),
            Rates(..images.SeenItems, p => p.RankOwn, images.Seen)!,
            curve is null ? null : new(
                Rates(images.SeenItems.., p => p.RankOwn, images.Known - images.Seen)!,
                Rates(images.SeenItems.., p => p.RankAll, images.Known)!,
                Rates(images.SeenItems.., p => p.RankFurther, images.Labels.Names.Count),
                Rates(images.SeenItems.., p => p.RankVocabulary, vocabulary?.Labels ?? 0)),
            curve is null ? null : GeneralizedMetrics.Of(images, curve, input.Gamma),
            new(RetrievalMetrics.Of(retrieval.TextToImage, images.Seen), RetrievalMetrics.Of(retrieval.ImageToImage, images.Seen)),
            input.Model,
            Count(input, images),
            input.Timing,
            calibration,
            input.Hypernyms is { } hypernyms ? HierarchicalReport.Of(images, hypernyms) : null,
            IntervalReport.Of(images, predictions, curve, input.Gamma, retrieval, drawing));
        return new(report, confusion, ClassResult.Of(images, predictions, confusion, retrieval.TextToImage), images.Items, predictions);

        HitRates? Rates(Range which, Func<ImagePrediction, int?> rank, int labels)
        {
            var ranks = predictions[which].Select(rank).OfType<int>().ToArray();
            return ranks.Length > 0 ? HitRates.Of([.. images.Truth.Take(which)], ranks, labels) : null;
        }
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
/// <param name="Predictions">What the model says of each of them, in the same order.</param>
public sealed record EvaluationResult(
    EvaluationReport Report, ConfusionMatrix Confusion, IReadOnlyList<ClassResult> Classes, IReadOnlyList<LabelledEmbedding> Images,
    IReadOnlyList<ImagePrediction> Predictions);

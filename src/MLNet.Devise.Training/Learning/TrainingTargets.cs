using MLNet.Devise.Data;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Training.Learning;

/// <summary>What images are drawn towards and away from, made of the word vectors once, before any training.</summary>
/// <param name="Labels">Vectors of the data's labels, seen then unseen, after the transform.</param>
/// <param name="Transform">What they went through; null for nothing.</param>
/// <param name="Distractors">Unit vectors of words that compete as wrong labels, row-major; often empty.</param>
/// <param name="Known">The labels of the pretrained classifier; null where no prior is asked for, or nothing is pretrained.</param>
internal sealed record TrainingTargets(LabelSpace Labels, LabelTransform? Transform, float[] Distractors, KnownLabels? Known)
{
    /// <param name="data">Whose classes.</param>
    /// <param name="labels">Vectors of its seen and unseen classes as the file has them.</param>
    /// <param name="vectors">That file, which is streamed where an option asks for other words.</param>
    /// <param name="options">Which transform, how many distractors.</param>
    /// <exception cref="DeviseInputException">The file is not as expected, or too small for the transform.</exception>
    public static TrainingTargets Of(ImageDataset data, LabelSpace labels, string vectors, TrainingOptions options)
    {
        string[] names = [.. data.Seen, .. data.Unseen];
        var transform = LabelTransform.Fit(vectors, options.LabelTransform, labels.Select(data.Seen));
        // Classes left out for the sake of a fold are somebody's test classes still.
        return new(
            labels.Select(names).Through(transform), transform,
            MLNet.Devise.Labels.Distractors.Read(vectors, options.Loss.Distractors, [.. names, .. data.LeftOut], transform, options.Phrases),
            options.Prior is null || options.Pretrained is null ? null : KnownLabels.Of(vectors, [.. data.Unseen, .. data.LeftOut], transform));
    }

    /// <summary>Writes <c>labels.vec</c> and, where there is one, the transform; an older transform goes.</summary>
    public void Write(string folder)
    {
        Labels.WriteVec(Path.Combine(folder, TrainingRun.LabelsName));
        var path = Path.Combine(folder, TrainingRun.TransformName);
        if (Transform is null) File.Delete(path);
        else LabelTransformFile.Write(path, Transform);
    }
}

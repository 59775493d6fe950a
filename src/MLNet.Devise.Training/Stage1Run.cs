using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Training;

/// <summary>Stage 1 of a finished run as the beginning of another, so that several second stages can be tried on one first.</summary>
/// <param name="Epochs">Its epochs.</param>
/// <param name="Accuracy">What it reached, 0..1; null where it was not validated.</param>
internal sealed record Stage1Run(IReadOnlyList<EpochRecord> Epochs, double? Accuracy)
{
    /// <summary>Fills the classifier with a run's weights.</summary>
    /// <exception cref="DeviseInputException">There is no such run, it has no stage 1, it is of other classes or another network, or it is what the new run would replace.</exception>
    public static Stage1Run Load(string folder, string newFolder, TrainingOptions options, ImageDataset data, DeviseNet classifier)
    {
        static string Whole(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Whole(folder) == Whole(newFolder)) throw new DeviseInputException($"{folder}: stage1Run is the folder that the new run goes to, expected another one");
        var other = TrainingRun.Read(folder);
        var path = Path.Combine(folder, TrainingRun.Stage1Name);
        if (other.Options.Backbone != options.Backbone) throw new DeviseInputException($"{folder}: a run of {other.Options.Backbone}, expected {options.Backbone}");
        if (!other.Seen.SequenceEqual(data.Seen)) throw new DeviseInputException($"{folder}: trained on {other.Seen.Count} classes that are not the {data.Seen.Count} of {data.Folder}");
        if (other.Stage1Parameters is null || !File.Exists(path)) throw new DeviseInputException($"{folder}: {(other.Stage1Parameters is null ? "a run without stage 1" : $"no {TrainingRun.Stage1Name}")}, expected a run with a stage 1");
        Weights.Load(classifier, Safetensors.Read(path), "", path);
        return new([.. EpochRecord.Read(Path.Combine(folder, TrainingRun.HistoryName)).Where(epoch => epoch.Stage == 1)], other.Stage1Accuracy);
    }

    /// <summary>Copies weights and facts into the run.</summary>
    public void Keep(TrainingContext run, DeviseNet classifier)
    {
        Safetensors.Write(Path.Combine(run.Folder, TrainingRun.Stage1Name), Weights.Save(classifier));
        run.State.History.AddRange(Epochs);
        (run.State.Stage1Parameters, run.State.Stage1Accuracy) = (classifier.ParameterCount, Accuracy);
    }
}

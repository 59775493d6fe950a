using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Training;

/// <summary>Stage 1 of a finished run as the beginning of another, so that several second stages can be tried on one first.</summary>
internal static class Stage1Run
{
    /// <summary>Fills the classifier, and copies its weights and facts into the run.</summary>
    /// <exception cref="DeviseInputException">There is no such run, it has no stage 1, or it is of other classes or another network.</exception>
    public static void Take(string folder, TrainingContext run, DeviseNet classifier)
    {
        var other = TrainingRun.Read(folder);
        var path = Path.Combine(folder, TrainingRun.Stage1Name);
        if (other.Options.Backbone != run.Options.Backbone) throw new DeviseInputException($"{folder}: a run of {other.Options.Backbone}, expected {run.Options.Backbone}");
        if (!other.Seen.SequenceEqual(run.Data.Seen)) throw new DeviseInputException($"{folder}: trained on {other.Seen.Count} classes that are not the {run.Data.Seen.Count} of {run.Data.Folder}");
        if (!File.Exists(path)) throw new DeviseInputException($"{folder}: no {TrainingRun.Stage1Name}, expected a run with a stage 1");
        Weights.Load(classifier, Safetensors.Read(path), "", path);
        Safetensors.Write(Path.Combine(run.Folder, TrainingRun.Stage1Name), Weights.Save(classifier));
        run.State.History.AddRange(Evaluation.EpochRecord.Read(Path.Combine(folder, TrainingRun.HistoryName)).Where(epoch => epoch.Stage == 1));
        (run.State.Stage1Parameters, run.State.Stage1Accuracy) = (classifier.ParameterCount, other.Stage1Accuracy);
    }
}

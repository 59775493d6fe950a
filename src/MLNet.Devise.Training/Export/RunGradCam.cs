using MLNet.Devise.Evaluation;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Export;

/// <summary>Class-activation maps of what a run has and a bundle has not: the classifier of stage 1.</summary>
public static class RunGradCam
{
    /// <summary>Of <c>stage1.safetensors</c>: scores are the logits of the seen classes. <see langword="null"/> where the run has no stage 1.</summary>
    /// <param name="runFolder">The folder of a finished run.</param>
    /// <exception cref="DeviseInputException">The run is unfinished or damaged.</exception>
    public static GradCam? OfStage1(string runFolder)
    {
        var (run, checkpoint) = (TrainingRun.Read(runFolder), Path.Combine(runFolder, TrainingRun.Stage1Name));
        if (run.Stage1Parameters is null || !File.Exists(checkpoint)) return null;
        TorchNative.Ensure();
        using var scope = NewDisposeScope();
        var (backbone, dimension) = (Backbone.ByName(run.Options.Backbone), run.ReadLabels(runFolder).Dimension);
        var net = new DeviseNet(backbone, Head.Classifier(backbone.FeatureMaps, dimension, run.Seen.Count, run.Options.Head));
        Weights.Load(net, Safetensors.Read(checkpoint), "", checkpoint);
        var network = OnnxExporter.Export(net, run.Seen.Count, run.Options.ImageSize, []);
        return GradCam.OfClassifier(network, checkpoint, run.Options.ImageSize, run.Options.Scaling, run.Seen);
    }
}

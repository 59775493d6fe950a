using System.CommandLine;
using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;
using MLNet.Devise.Training;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise train</c>: both stages, from a data folder to a run's folder.</summary>
internal static class TrainVerb
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data folder: JPEGImages/<class>/<image>, class lists, optionally split.csv.", Required = true };
        var vectors = new Option<string>("--vectors") { Description = "Word vectors, a .vec file.", Required = true };
        var output = new Option<string>("--out") { Description = "Where the run goes.", Required = true };
        var backbone = new Option<string>("--backbone") { Description = "squeezenet1_1 or resnet34.", DefaultValueFactory = _ => "squeezenet1_1" };
        var pretrained = new Option<string?>("--pretrained") { Description = "Weights to start from, a .safetensors or PyTorch .pth file (devise data download gets them)." };
        var head = new Option<HeadKind>("--head") { Description = "What the embedding ends with: fastai (ReLU and batch normalisation, as the paper) or linear.", DefaultValueFactory = _ => HeadKind.Fastai };
        var loss = new Option<EmbeddingLoss>("--loss") { Description = "What stage 2 minimises: cosine (the paper), ranking (hinge) or softmax (over cosines).", DefaultValueFactory = _ => EmbeddingLoss.Cosine };
        var batch = new Option<int>("--batch-size") { Description = "Images a step.", DefaultValueFactory = _ => new TrainingOptions().BatchSize };
        var size = new Option<int>("--image-size") { Description = "Side of the square the network sees, pixels.", DefaultValueFactory = _ => new TrainingOptions().ImageSize };
        var scaling = new Option<ImageScaling>("--scaling") { Description = "How photos are scaled: stock (as ML.NET's ResizeImages) or antialiased (as Pillow).", DefaultValueFactory = _ => new TrainingOptions().Scaling };
        var threads = new Option<int>("--threads") { Description = "Threads; 0 takes one a processor.", DefaultValueFactory = _ => 0 };
        return new Command("train", "Train both stages and leave checkpoints, history.csv and train.json.") { data, vectors, output, backbone, pretrained, head, loss, batch, size, scaling, threads }
            .Does((parsed, session) =>
            {
                var options = new TrainingOptions
                {
                    Backbone = parsed.GetValue(backbone)!,
                    Pretrained = parsed.GetValue(pretrained),
                    Head = new HeadOptions { Kind = parsed.GetValue(head) },
                    Loss = new LossOptions { Kind = parsed.GetValue(loss) },
                    BatchSize = parsed.GetValue(batch),
                    ImageSize = parsed.GetValue(size),
                    Scaling = parsed.GetValue(scaling),
                    Threads = parsed.GetValue(threads),
                    Seed = session.Seed ?? 0,
                };
                if (options.Pretrained is null)
                    throw new DeviseInputException("--pretrained: none; the default recipe keeps the backbone frozen at first, expected ImageNet weights as .safetensors or .pth, for instance from 'devise data download squeezenet1_1' (to train from scratch, describe the phases in a pipeline file and use 'devise run')");
                var run = Run(session, parsed.GetValue(data)!, parsed.GetValue(vectors)!, options, parsed.GetValue(output)!);
                session.Answer(new { run.Stage1Accuracy, run.Stage1Parameters, run.Stage2Parameters, run.Seconds, badImages = run.BadImages }, text => text.WriteLine($"trained in {run.Seconds:F0} s → {parsed.GetValue(output)}"));
            });
    }

    /// <summary>Trains, with progress; also used by <c>devise run</c>.</summary>
    public static TrainingRun Run(Session session, string dataFolder, string vectors, TrainingOptions options, string output)
    {
        options.Validate();
        var data = ImageDataset.Open(dataFolder, new ImageDatasetOptions { Seed = options.Seed });
        session.SayAll(data.Warnings, "remarks on the data");
        var labels = LabelSpace.FromVec([.. data.Seen, .. data.Unseen], vectors);
        if (!data.Of(Split.Valid).Any()) session.Say("no image to validate with: loss and accuracy of validation will not be known");
        session.Say($"{data.Of(Split.Train).Count()} images to train on, {data.Of(Split.Valid).Count()} to validate, {data.Seen.Count} seen classes, {data.Unseen.Count} unseen");
        var run = ProgressView.Run(session, TimeSpan.FromSeconds(30), view => Trainer.Train(data, labels, vectors, options, output, null, view.Show, session.Cancellation));
        session.SayAll([.. run.BadImages.Select(bad => $"left out {bad.Key}: {bad.Value}")], "images left out");
        return run;
    }
}

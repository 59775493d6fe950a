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
    private static readonly Option<bool> ResumeOption = new("--resume") { Description = "Go on from the checkpoint of an interrupted run; begin where there is none." };
    private static readonly Option<double> CheckpointOption = new("--checkpoint-minutes") { Description = "Minutes between two checkpoints within an epoch.", DefaultValueFactory = _ => new RunSettings().CheckpointEvery.TotalMinutes };
    private static readonly Option<string?> CacheOption = new("--cache") { Description = "Folder for decoded images and frozen features that outlives the run and may serve several." };

    /// <summary>How a run is carried out; of every verb that trains.</summary>
    public static IReadOnlyList<Option> HowOptions { get; } = [ResumeOption, CheckpointOption, CacheOption];

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data folder: JPEGImages/<class>/<image>, class lists, optionally split.csv.", Required = true };
        var vectors = new Option<string>("--vectors") { Description = $"Word vectors: {VectorsVerb.Kinds}.", Required = true };
        var output = new Option<string>("--out") { Description = "Where the run goes.", Required = true };
        var preset = new Option<string>("--preset") { Description = "Recipe to start from: best, or paper (exactly the paper).", DefaultValueFactory = _ => TrainingPresets.Default };
        var file = new Option<string?>("--options") { Description = "JSON file of training options laid over the preset, as \"training\" in a pipeline file." };
        var backbone = new Option<string?>("--backbone") { Description = "squeezenet1_1 or resnet34." };
        var pretrained = new Option<string?>("--pretrained") { Description = "Weights to start from, a .safetensors or PyTorch .pth file (devise data download gets them)." };
        var head = new Option<HeadKind?>("--head") { Description = "What the embedding ends with: fastai (ReLU and batch normalisation, as the paper) or linear." };
        var loss = new Option<EmbeddingLoss?>("--loss") { Description = "What stage 2 minimises: cosine (the paper), ranking (hinge) or softmax (over cosines), alone: all other options of the loss return to their defaults." };
        var batch = new Option<int?>("--batch-size") { Description = "Images a step." };
        var size = new Option<int?>("--image-size") { Description = "Side of the square the network sees, pixels." };
        var scaling = new Option<ImageScaling?>("--scaling") { Description = "How photos are scaled: stock (as ML.NET's ResizeImages) or antialiased (as Pillow)." };
        var threads = new Option<int?>("--threads") { Description = "Threads; 0 takes one a processor." };
        var device = new Option<TrainingDevice?>("--device") { Description = "cpu, or cuda where the program was built with a CUDA libtorch package." };
        var fold = FoldOption.Create();
        var command = new Command("train", "Train both stages and leave checkpoints, history.csv and train.json.") { data, vectors, output, preset, file, backbone, pretrained, head, loss, batch, size, scaling, threads, device, fold };
        foreach (var option in (IEnumerable<Option>)[PhraseOption.Composition, PhraseOption.Aliases, .. HowOptions]) command.Options.Add(option);
        return command.Does((parsed, session) =>
        {
            var basis = TrainingPresets.ByName(parsed.GetValue(preset)!);
            if (parsed.GetValue(file) is { } path)
            {
                _ = StrictJson.Read<TrainingOptions>(path);
                basis = PipelineFile.Resolve(path, StrictJson.Over(basis, path, root => root));
            }
            var options = basis with
            {
                Backbone = parsed.GetValue(backbone) ?? basis.Backbone,
                Pretrained = parsed.GetValue(pretrained) ?? basis.Pretrained,
                Head = parsed.GetValue(head) is { } kind ? basis.Head with { Kind = kind } : basis.Head,
                Loss = parsed.GetValue(loss) is { } only ? new LossOptions { Kind = only } : basis.Loss,
                Phrases = PhraseOption.Read(parsed, basis.Phrases),
                BatchSize = parsed.GetValue(batch) ?? basis.BatchSize,
                ImageSize = parsed.GetValue(size) ?? basis.ImageSize,
                Scaling = parsed.GetValue(scaling) ?? basis.Scaling,
                Threads = parsed.GetValue(threads) ?? basis.Threads,
                Device = parsed.GetValue(device) ?? basis.Device,
                Seed = session.Seed ?? basis.Seed,
            };
            if (options.Pretrained is null && options.Stage1Run is null && options.Stage1.Concat(options.Stage2).FirstOrDefault() is { Frozen: true })
                throw new DeviseInputException("--pretrained: none; the recipe keeps the backbone frozen at first, expected ImageNet weights as .safetensors or .pth, for instance from 'devise data download squeezenet1_1' (to train from scratch, describe the phases in a file for --options, or in a pipeline file)");
            var run = Run(session, parsed.GetValue(data)!, parsed.GetValue(vectors)!, options, parsed.GetValue(output)!, How(parsed), parsed.GetValue(fold));
            session.Answer(new { run.Stage1Accuracy, run.Stage1Parameters, run.Stage2Parameters, run.Seconds, badImages = run.BadImages }, text => text.WriteLine($"trained in {run.Seconds:F0} s → {parsed.GetValue(output)}"));
        });
    }

    public static RunSettings How(ParseResult parsed) => new()
    {
        Resume = parsed.GetValue(ResumeOption),
        CheckpointEvery = parsed.GetValue(CheckpointOption) is > 0 and < 1e6 and var minutes ? TimeSpan.FromMinutes(minutes) : throw new DeviseInputException($"--checkpoint-minutes: {parsed.GetValue(CheckpointOption)}, expected above 0"),
        Cache = parsed.GetValue(CacheOption),
    };

    /// <summary>Trains, with progress; also used by <c>devise run</c>.</summary>
    public static TrainingRun Run(Session session, string dataFolder, string vectors, TrainingOptions options, string output, RunSettings how, string? fold = null)
    {
        options.Validate();
        var data = ImageDataset.Open(dataFolder, FoldOption.Apply(new ImageDatasetOptions { Seed = options.Seed }, fold));
        session.SayAll(data.Warnings, "remarks on the data");
        if (!data.Of(Split.Valid).Any()) session.Say("no image to validate with: loss and accuracy of validation will not be known");
        session.Say($"{data.Of(Split.Train).Count()} images to train on, {data.Of(Split.Valid).Count()} to validate, {data.Seen.Count} seen classes, {data.Unseen.Count} unseen");
        return Run(session, data, vectors, options, output, how);
    }

    /// <summary>The same with the data already opened.</summary>
    public static TrainingRun Run(Session session, ImageDataset data, string vectors, TrainingOptions options, string output, RunSettings how)
    {
        var labels = LabelSpace.FromVec([.. data.Seen, .. data.Unseen], vectors, options.Phrases, session.Say);
        try
        {
            var run = ProgressView.Run(session, TimeSpan.FromSeconds(30), view => Trainer.Train(data, labels, vectors, options, output, how, view.Show, session.Cancellation));
            session.SayAll(run.Warnings, "warnings");
            session.SayAll([.. run.BadImages.Select(bad => $"left out {bad.Key}: {bad.Value}")], "images left out");
            return run;
        }
        catch (OperationCanceledException stopped)
        {
            throw new OperationCanceledException($"stopped; training is kept in {output}: the same command with --resume goes on where it was", stopped);
        }
    }
}

using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Training.Tests.Learning;

public sealed class CheckpointTests : IDisposable
{
    private static readonly (string, NamedTensor)[] Little = [("net.a", new NamedTensor([2], [1, 2]))];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_state_comes_back_as_it_was()
    {
        var state = new TrainingState { Basis = "{}", Stage = 2, Phase = 1, Epoch = 3, Step = 7, LossSum = 0.1 + 0.2, Losses = 6, Images = 192, Smooth = double.Epsilon, Best = null, Gamma = 0.37, Seconds = 12.5 };
        state.History.Add(new(1, "frozen", 1, 2.5, double.NaN, double.NaN, 1e-3, 100));
        state.BadImages["a+b/ü.jpg"] = "corrupt: \"it\" ends";
        Checkpoint.Write(_folder.Path, state, Little);
        var read = Checkpoint.TryRead(_folder.Path)!;
        Assert.Equal(state.ToJson(), read.State.ToJson());
        Assert.Equal([1, 2], read.Part("net")["a"].Values);
        Assert.Null(Checkpoint.TryRead(_folder["nowhere"]));
    }

    [Fact]
    public void A_file_that_is_no_checkpoint_is_refused()
    {
        Safetensors.Write(_folder[Checkpoint.FileName], Little);
        Assert.Contains("not a checkpoint of this version: it has no state", Assert.Throws<DeviseInputException>(() => Checkpoint.TryRead(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_told_and_the_earlier_checkpoint_stays()
    {
        Assert.SkipUnless(SystemCommand.MountSmallDisk(_folder.Path), "a small disk cannot be mounted here: it takes Linux and root");
        try
        {
            Checkpoint.Write(_folder.Path, new() { Step = 1 }, Little);
            var error = Assert.Throws<IOException>(() => Checkpoint.Write(_folder.Path, new() { Step = 2 }, [("net.a", new NamedTensor([100_000], new float[100_000]))]));
            Assert.StartsWith($"{_folder[Checkpoint.FileName]}: the checkpoint cannot be written (", error.Message, StringComparison.Ordinal);
            Assert.EndsWith("the one before it is untouched: make room, and go on with --resume", error.Message, StringComparison.Ordinal);
            Assert.Equal(1, Checkpoint.TryRead(_folder.Path)!.State.Step);
            Assert.Single(Directory.GetFiles(_folder.Path));
        }
        finally { Assert.True(SystemCommand.Run("umount", _folder.Path)); }
    }

    [Fact]
    public void A_diverged_loss_names_the_step_and_leaves_the_files()
    {
        var error = Divergence.At(_folder.Path, 2, new() { Stage = 2, Step = 4 }, double.NaN, 0.01, [new("a/1.jpg", "a", Data.Split.Train), new("b/2.jpg", "b", Data.Split.Train)]);
        Assert.StartsWith("stage 2, epoch 1, step 5: the loss is NaN at learning rate 1.0e-2. Try a third of that rate", error.Message, StringComparison.Ordinal);
        Assert.Equal(["a/1.jpg", "b/2.jpg"], File.ReadAllLines(_folder["diverged.txt"]));
    }

    public void Dispose() => _folder.Dispose();
}

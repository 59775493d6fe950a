using MLNet.Devise.Data;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests;

public sealed class RunEmbeddingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RunEmbeddingsTests() => TorchNative.Ensure();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_kept_is_read_back_at_length_1_epoch_by_epoch()
    {
        using var scope = NewDisposeScope();
        var items = Items(4, 5);
        foreach (var epoch in (int[])[2, 1, 12])
        {
            var kept = new RunEmbeddings(_folder.Path, items, 100, 0);
            foreach (var batch in items.Chunk(7)) kept.Add(Outputs(batch, epoch), batch);
            kept.Write(epoch);
        }
        var history = TrainingRun.ReadEmbeddings(_folder.Path)!;
        Assert.Equal([1, 2, 12], history.Epochs.Select(epoch => epoch.Epoch));
        Assert.Equal(items.Select(item => (item.Path, item.Label)), history.Paths.Zip(history.Labels));
        var expected = nn.functional.normalize(Outputs(items, 12)).data<float>().ToArray();
        var found = history.Epochs[2].Vectors.SelectMany(vector => vector).ToArray();
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], found[i], 1e-3);
        Assert.Equal(["epoch-01.safetensors", "epoch-02.safetensors", "epoch-12.safetensors"], Directory.GetFiles(_folder["embeddings"]).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.InRange(new FileInfo(_folder["embeddings", "epoch-12.safetensors"]).Length, 2 * expected.Length, 2 * expected.Length + 4000);
    }

    [Fact]
    public void Of_many_images_some_of_every_class_are_kept_the_same_in_every_epoch()
    {
        using var scope = NewDisposeScope();
        var items = Items(5, 30);
        foreach (var epoch in (int[])[1, 2])
        {
            var kept = new RunEmbeddings(_folder.Path, items, 20, 7);
            kept.Add(Outputs(items, epoch), items);
            kept.Write(epoch);
        }
        var history = TrainingRun.ReadEmbeddings(_folder.Path)!;
        Assert.Equal(20, history.Paths.Count);
        Assert.All(history.Labels.CountBy(label => label), pair => Assert.Equal(4, pair.Value));
    }

    [Fact]
    public void Nothing_is_written_for_nothing_and_an_older_run_is_cleared_away()
    {
        using var scope = NewDisposeScope();
        new RunEmbeddings(_folder.Path, [], 10, 0).Write(1);
        Assert.Null(TrainingRun.ReadEmbeddings(_folder.Path));
        var items = Items(1, 2);
        var kept = new RunEmbeddings(_folder.Path, items, 10, 0);
        kept.Add(Outputs(items, 1), items);
        kept.Write(1);
        Assert.NotNull(TrainingRun.ReadEmbeddings(_folder.Path));
        RunEmbeddings.Clear(_folder.Path);
        Assert.Null(TrainingRun.ReadEmbeddings(_folder.Path));
    }

    [Fact]
    public void A_file_that_is_something_else_is_told()
    {
        Safetensors.Write(_folder["embeddings", "epoch-01.safetensors"], [("weights", new([2], [1, 2]))]);
        Assert.Contains("not the embeddings of an epoch", Assert.Throws<DeviseInputException>(() => TrainingRun.ReadEmbeddings(_folder.Path)).Message);
        Safetensors.Write(_folder["embeddings", "epoch-01.safetensors"], [("embeddings", new([2, 1], [1, 2]))], new Dictionary<string, string> { ["epoch"] = "1", ["paths"] = "[\"a\"]", ["labels"] = "[\"a\"]" });
        Assert.Contains("epoch-01.safetensors", Assert.Throws<DeviseInputException>(() => TrainingRun.ReadEmbeddings(_folder.Path)).Message);
    }

    [Fact]
    public void Epochs_of_other_images_are_told()
    {
        using var scope = NewDisposeScope();
        foreach (var epoch in (int[])[1, 2])
        {
            var items = Items(1, epoch + 1);
            var kept = new RunEmbeddings(_folder.Path, items, 10, 0);
            kept.Add(Outputs(items, epoch), items);
            kept.Write(epoch);
        }
        Assert.Contains("of other images than", Assert.Throws<DeviseInputException>(() => TrainingRun.ReadEmbeddings(_folder.Path)).Message);
    }

    private static ImageItem[] Items(int classes, int each) =>
        [.. from label in Enumerable.Range(0, classes) from i in Enumerable.Range(0, each) select new ImageItem($"class{label}/{i}.jpg", $"class{label}", Split.Valid)];

    private static Tensor Outputs(ImageItem[] items, int epoch) =>
        tensor([.. items.SelectMany(item => Enumerable.Range(0, 6).Select(i => (float)(StableHash.Of(item.Path, 10 * epoch + i) % 1000) / 500 - 1))], items.Length, 6);
}

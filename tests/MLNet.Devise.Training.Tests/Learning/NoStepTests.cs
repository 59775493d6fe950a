using MLNet.Devise.Data;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Learning;

namespace MLNet.Devise.Training.Tests.Learning;

public sealed class NoStepTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Only_training_images_are_counted_and_too_few_in_a_batch_are_told()
    {
        var data = Data(20);
        var (train, valid) = (data.Of(Split.Train).ToArray(), data.Of(Split.Valid).ToArray());
        Assert.NotEmpty(valid);
        Assert.EndsWith($"no step could be taken, {train.Length} of {train.Length} training images cannot be read, for instance {train[0].Path}: missing", Of(data, [.. valid, .. train]), StringComparison.Ordinal);
        Assert.EndsWith(": missing; no batch had 2 images that can be read, which batch normalisation needs; there are 1 to train on", Of(data, [.. valid, .. train[1..]]), StringComparison.Ordinal);
        Assert.EndsWith("no step could be taken, no batch had 2 images that can be read, which batch normalisation needs; there are 1 to train on", Of(Data(1), []), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string Of(ImageDataset data, IEnumerable<ImageItem> bad) => NoStep.Of(data, bad.ToDictionary(item => item.Path, _ => "missing")).Message;

    private ImageDataset Data(int images)
    {
        for (var i = 0; i < images; i++) _folder.Write($"{images}/JPEGImages/a/{i}.png", "");
        return ImageDataset.Open(_folder[$"{images}"]);
    }
}

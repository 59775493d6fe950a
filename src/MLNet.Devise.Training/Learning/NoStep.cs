using MLNet.Devise.Data;

namespace MLNet.Devise.Training.Learning;

/// <summary>Images of which not one step could be made, and why.</summary>
internal static class NoStep
{
    /// <param name="data">The images.</param>
    /// <param name="bad">Those that cannot be read, with the reason.</param>
    public static DeviseInputException Of(ImageDataset data, IReadOnlyDictionary<string, string> bad)
    {
        var training = data.Of(Split.Train).ToArray();
        var unread = training.Where(item => bad.ContainsKey(item.Path)).ToArray();
        string?[] reasons =
        [
            unread is [var first, ..] ? $"{unread.Length} of {training.Length} training images cannot be read, for instance {first.Path}: {bad[first.Path]}" : null,
            unread.Length < training.Length ? $"no batch had 2 images that can be read, which batch normalisation needs; there are {training.Length - unread.Length} to train on" : null,
        ];
        return new($"{data.Folder}: no step could be taken, {string.Join("; ", reasons.OfType<string>())}");
    }
}

using System.CommandLine;
using System.Globalization;
using MLNet.Devise.Data;

namespace MLNet.Devise.Cli;

/// <summary><c>--fold i/N</c>: some seen classes play the unseen ones.</summary>
internal static class FoldOption
{
    public static Option<string?> Create() => new("--fold")
    {
        Description = "i/N, counted from 0: every N-th seen class, from the i-th on, plays an unseen one, and the real unseen ones are left out. For choosing recipes; the same for train and evaluate.",
    };

    /// <summary>The options with the fold that was asked for.</summary>
    /// <param name="options">Without one.</param>
    /// <param name="text"><c>1/4</c>, or null for none.</param>
    /// <exception cref="DeviseInputException">Not of this form, or out of range.</exception>
    public static ImageDatasetOptions Apply(ImageDatasetOptions options, string? text)
    {
        if (text is null) return options;
        var parts = text.Split('/');
        int? Number(int i) => int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        if (parts.Length != 2 || Number(0) is not { } fold || Number(1) is not { } folds || folds is < 2 or > 100 || fold >= folds)
            throw new DeviseInputException($"--fold: '{text}', expected i/N with N from 2 to 100 and i from 0 to N − 1, for instance 0/4");
        return options with { Fold = fold, Folds = folds };
    }
}

namespace MLNet.Devise.Data;

/// <summary>Cross-validation over classes: some seen classes play the unseen ones.</summary>
internal static class ClassFold
{
    /// <summary>Seen, unseen and left-out classes, each in the order of the class list.</summary>
    /// <param name="classes">Seen and unseen classes as the folder has them.</param>
    /// <param name="options">Which fold; without one nothing changes.</param>
    /// <param name="folder">The data folder, for messages.</param>
    /// <exception cref="DeviseInputException">The fold has no class, or all of them.</exception>
    public static (IReadOnlyList<string> Seen, IReadOnlyList<string> Unseen, IReadOnlyList<string> LeftOut) Divide(
        (IReadOnlyList<string> Seen, IReadOnlyList<string> Unseen) classes, ImageDatasetOptions options, string folder)
    {
        if (options.Fold is not { } fold) return (classes.Seen, classes.Unseen, []);
        bool IsHeldOut(int position) => position % options.Folds == fold;
        string[] held = [.. classes.Seen.Where((_, position) => IsHeldOut(position))];
        if (held.Length == 0 || held.Length == classes.Seen.Count)
            throw new DeviseInputException($"{folder}: fold {fold} of {options.Folds} takes {held.Length} of the {classes.Seen.Count} seen classes, expected some to hold out and some to train on; take fewer folds");
        return ([.. classes.Seen.Where((_, position) => !IsHeldOut(position))], held, classes.Unseen);
    }
}

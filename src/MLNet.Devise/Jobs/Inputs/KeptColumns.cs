using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs.Inputs;

/// <summary>Which columns of a list go through to the scores.</summary>
internal static class KeptColumns
{
    /// <summary>Columns of a score file; a list's columns of these names are replaced.</summary>
    public static readonly IReadOnlyList<string> Own = [Columns.Path, Columns.Status, Columns.Error, Columns.Labels, Columns.Scores, "Embedding"];

    /// <summary>Those of a list's columns that are replaced.</summary>
    public static IReadOnlyList<string> Replaced(IEnumerable<string> names, IReadOnlyList<string>? keep) => keep is null ? [.. names.Where(name => name != Columns.Path && Own.Contains(name)).Distinct()] : [];

    /// <summary>Positions of the columns to keep, in the list's order: all that have a name, or those asked for.</summary>
    /// <param name="list">The list, for messages.</param>
    /// <param name="names">Its columns.</param>
    /// <param name="keep">Names to keep; <see langword="null"/> for all.</param>
    /// <exception cref="DeviseInputException">No such column, one of the scores' own, or a name that two columns share.</exception>
    public static int[] Choose(string list, IReadOnlyList<string> names, IReadOnlyList<string>? keep)
    {
        foreach (var name in keep ?? [])
        {
            if (Own.Contains(name)) throw new DeviseInputException($"keep '{name}': a column of the scores themselves, expected another of {list}'s columns");
            if (!names.Contains(name)) throw new DeviseInputException($"keep '{name}': no such column in {list}, expected some of {string.Join(", ", names.Except(Own))}");
        }
        // Tables of numbered rows often come with a nameless column of numbers.
        var kept = Enumerable.Range(0, names.Count).Where(i => names[i].Length > 0 && !Own.Contains(names[i]) && (keep is null || keep.Contains(names[i]))).ToArray();
        var twice = kept.GroupBy(i => names[i]).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? kept : throw new DeviseInputException($"{list}: {twice.Count()} columns '{twice.Key}', expected each name once");
    }
}

namespace MLNet.Devise.Scoring;

/// <summary>The rule for column names in options: none empty, and each added one different from the rest.</summary>
internal static class ColumnNames
{
    /// <exception cref="DeviseInputException">A name is empty or given twice.</exception>
    public static void Check(IEnumerable<string> read, IEnumerable<string> added)
    {
        string[] names = [.. read, .. added];
        if (names.Any(string.IsNullOrWhiteSpace)) throw new DeviseInputException("a column name is empty, expected a name for every column");
        var twice = names.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key).ToArray();
        if (twice.Length > 0) throw new DeviseInputException($"column '{twice[0]}' is named twice in the options, expected a different name for each column");
    }
}

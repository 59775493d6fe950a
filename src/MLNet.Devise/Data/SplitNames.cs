namespace MLNet.Devise.Data;

/// <summary>The words by which files name splits.</summary>
internal static class SplitNames
{
    /// <summary><c>train</c>, <c>valid</c> or <c>test</c>, in any letter case.</summary>
    public static bool TryParse(string? text, out Split split)
    {
        foreach (var each in Enum.GetValues<Split>())
        {
            split = each;
            if (string.Equals(text, each.ToString(), StringComparison.OrdinalIgnoreCase)) return true;
        }
        split = default;
        return false;
    }
}

namespace MLNet.Devise.Labels;

/// <summary>Near spellings of names that a vocabulary lacks.</summary>
internal static class Spelling
{
    /// <summary><c>'zebar' (near: zebra, zebras), 'xyz' (nothing near)</c>; streams the words of the file once.</summary>
    public static string Suggest(IReadOnlyList<string> missing, string vecPath)
    {
        var near = missing.Select(_ => new List<(int Distance, string Word)>()).ToArray();
        using var reader = new VecReader(vecPath).ReadHeader();
        while (reader.TryRead(_ => false, [], out var word, out _))
            for (var i = 0; i < missing.Count; i++)
                foreach (var part in Phrases.Words(missing[i]).Append(missing[i]))
                {
                    var limit = Math.Clamp(part.Length / 3, 1, 3);
                    if (Math.Abs(part.Length - word.Length) > limit) continue;
                    var distance = Distance(part, word, limit);
                    if (distance <= limit && distance > 0) near[i].Add((distance, word));
                }
        return string.Join(", ", missing.Select((name, i) => near[i].Count == 0
            ? $"'{name}' (nothing near)"
            : $"'{name}' (near: {string.Join(", ", near[i].OrderBy(pair => pair.Distance).Select(pair => pair.Word).Distinct().Take(3))})"));
    }

    /// <summary>Edits between two words, counting a swap of neighbours as one (optimal string alignment), ignoring case; stops above the limit.</summary>
    public static int Distance(string a, string b, int limit)
    {
        var (before, last, row) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++) last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            var least = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + same);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1])) row[j] = Math.Min(row[j], before[j - 2] + 1);
                least = Math.Min(least, row[j]);
            }
            if (least > limit) return limit + 1;
            (before, last, row) = (last, row, before);
        }
        return last[b.Length];
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}

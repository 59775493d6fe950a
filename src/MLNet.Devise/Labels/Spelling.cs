using System.Numerics;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Labels;

/// <summary>Near spellings of names that a vocabulary lacks.</summary>
internal static class Spelling
{
    /// <summary><c>'zebar' (near: zebra, zebras), 'xyz' (nothing near)</c>; reads the words of the file once.</summary>
    public static string Suggest(IReadOnlyList<string> missing, string path, CancellationToken cancellation = default)
    {
        var near = Near(missing, path, 3, cancellation);
        return string.Join(", ", missing.Select((name, i) => near[i].Count == 0 ? $"'{name}' (nothing near)" : $"'{name}' (near: {string.Join(", ", near[i])})"));
    }

    /// <summary>For each name the words nearest in spelling to it or to a word of it, best first, equal ones in file order: the frequent ones first.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Near(IReadOnlyList<string> names, string path, int count, CancellationToken cancellation = default)
    {
        if (names.Count == 0) return [];
        var sought = names.SelectMany((name, i) => Phrases.Words(name).Append(name).Distinct().Select(part => new Sought(part, i))).ToArray();
        var near = names.Select(_ => new List<(int Distance, string Word)>()).ToArray();
        using var reader = VectorReader.Open(path, values: false, cancellation: cancellation);
        while (reader.TryRead(out var batch))
        {
            cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < batch.Count; i++)
            {
                var word = batch.Word(i);
                var letters = Letters(word);
                foreach (var part in sought)
                {
                    // An edit changes the length by one at most, and the set of letters by two.
                    if (Math.Abs(part.Text.Length - word.Length) > part.Limit || BitOperations.PopCount(part.Letters ^ letters) > 2 * part.Limit) continue;
                    var distance = Distance(part.Text, word, part.Limit);
                    if (distance <= part.Limit && distance > 0) near[part.Name].Add((distance, word));
                }
            }
        }
        return [.. near.Select(list => list.OrderBy(pair => pair.Distance).Select(pair => pair.Word).Distinct().Take(count).ToArray())];
    }

    /// <summary>Edits between two words, counting a swap of neighbours as one (optimal string alignment), ignoring case; stops above the limit.</summary>
    public static int Distance(string a, string b, int limit)
    {
        const int Small = 64;
        Span<int> rows = b.Length < Small ? stackalloc int[3 * Small] : new int[3 * (b.Length + 1)];
        var width = b.Length + 1;
        var before = rows[..width];
        var last = rows.Slice(width, width);
        var row = rows.Slice(2 * width, width);
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
            var spare = before;
            before = last;
            last = row;
            row = spare;
        }
        return last[b.Length];
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);

    /// <summary>A bit for each letter that a word has, small and capital ones alike; other characters share bits.</summary>
    private static uint Letters(string word)
    {
        var letters = 0u;
        foreach (var c in word) letters |= 1u << char.ToLowerInvariant(c);
        return letters;
    }

    private sealed class Sought(string text, int name)
    {
        public string Text { get; } = text;
        public int Name { get; } = name;
        public int Limit { get; } = Math.Clamp(text.Length / 3, 1, 3);
        public uint Letters { get; } = Spelling.Letters(text);
    }
}

using MLNet.Devise.Labels;

namespace MLNet.Devise.Tests.Labels;

public sealed class SpellingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void No_near_word_is_lost_on_the_short_way()
    {
        var random = new Random(8);
        string Draw() => string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => "abcABäß-"[random.Next(8)]));
        string[] words = [.. Enumerable.Range(0, 3000).Select(_ => Draw()).Distinct()];
        var path = _folder.Write("v.vec", $"{words.Length} 1\n{string.Concat(words.Select(word => $"{word} 1\n"))}");
        string[] sought = [.. Enumerable.Range(0, 60).Select(_ => Draw())];
        var near = Spelling.Near(sought, path, 5);
        for (var i = 0; i < sought.Length; i++)
        {
            var limit = Math.Clamp(sought[i].Length / 3, 1, 3);
            var expected = words.Select(word => (Distance: Plain(sought[i], word), word)).Where(pair => pair.Distance > 0 && pair.Distance <= limit).OrderBy(pair => pair.Distance).Select(pair => pair.word).Take(5);
            Assert.Equal(expected, near[i]);
        }
    }

    [Fact]
    public void Words_of_a_phrase_are_looked_for_too()
    {
        var path = _folder.Write("v.vec", "5 1\npolar 1\nbear 1\nbears 1\npolarbear 1\nzebra 1\n");

        Assert.Equal(["polar", "bear"], Spelling.Near(["poler beer"], path, 2)[0]);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Optimal string alignment in the words of its definition.</summary>
    private static int Plain(string a, string b)
    {
        (a, b) = (a.ToLowerInvariant(), b.ToLowerInvariant());
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0) { table[i, j] = i + j; continue; }
                table[i, j] = Math.Min(Math.Min(table[i - 1, j], table[i, j - 1]) + 1, table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
            }
        return table[a.Length, b.Length];
    }
}

using System.Text;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Tests.Labels;

public sealed class VecReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Words_and_values_come_back_and_only_wanted_ones_are_kept()
    {
        var path = _folder.Write("v.vec", "3 2\ndog 1 -2.5\ncat 3e-1 4 \nöß 0 1\n");
        var all = WordVectors.ReadVec(path);
        Assert.Equal(["dog", "cat", "öß"], all.Words);
        Assert.True(all.TryGet("cat", out var cat));
        Assert.Equal([0.3f, 4f], cat);
        Assert.Equal(["cat"], WordVectors.ReadVec(path, word => word == "cat").Words);
    }

    [Fact]
    public void Windows_line_ends_and_a_missing_last_one_do_no_harm()
    {
        var path = _folder.Write("v.vec", "2 1\r\na 1\r\nb 2");
        Assert.Equal(["a", "b"], WordVectors.ReadVec(path).Words);
    }

    [Fact]
    public void Words_with_spaces_are_told_by_the_count_of_values()
    {
        Assert.Equal([". . .", "at name@domain"], WordVectors.ReadVec(_folder.Write("v.vec", "2 2\n. . . 1 2\nat name@domain 3 4\n")).Words);
    }

    [Fact]
    public void The_first_of_equal_words_counts_and_the_others_are_counted()
    {
        var words = WordVectors.ReadVec(_folder.Write("v.vec", "2 1\na 1\na 2\n"));
        Assert.Equal(1, words.Duplicates);
        Assert.True(words.TryGet("a", out var vector));
        Assert.Equal([1f], vector);
    }

    [Theory]
    [InlineData("", ":1: '', expected the header")]
    [InlineData("cat 1 2\n", ":1: 'cat 1 2', expected the header")]
    [InlineData("1 0\na\n", ":1: 1 words of 0 values")]
    [InlineData("1 99999999\na 1\n", ":1: 1 words of 99999999 values")]
    [InlineData("2 3\na 1 2 3\nb 1 2\n", ":3: 2 values, expected 3")]
    [InlineData("1 3\na 1 2 3 4\n", ":2: 4 values, expected 3")]
    [InlineData("1 2\na 1 x\n", ":2: value 2 is 'x', expected a finite number")]
    [InlineData("1 2\na 1 NaN\n", ":2: value 2 is 'NaN'")]
    [InlineData("1 2\na 1e99 1\n", ":2: value 1 is '1e99'")]
    [InlineData("3 1\na 1\nb 2\n", ":3: the file ends after 2 words, but its header says 3")]
    [InlineData("1 1\na 1\nb 2\n", ":3: more rows than the 1")]
    public void A_bad_line_is_named_with_what_was_found_and_expected(string text, string expected)
    {
        var path = _folder.Write("v.vec", text);
        Assert.StartsWith(path + expected, Assert.Throws<DeviseInputException>(() => WordVectors.ReadVec(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_short_line_is_found_even_where_its_word_is_not_wanted()
    {
        var path = _folder.Write("v.vec", "2 3\na 1 2\nb 1 2 3\n");
        Assert.Contains(":2: 2 values", Assert.Throws<DeviseInputException>(() => WordVectors.ReadVec(path, word => word == "b")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused_by_line()
    {
        File.WriteAllBytes(_folder["v.vec"], [.. "1 1\n"u8, 0xC3, 0x28, .. " 1\n"u8]);
        Assert.Contains(":2: the word is not valid UTF-8", Assert.Throws<DeviseInputException>(() => WordVectors.ReadVec(_folder["v.vec"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_without_end_is_refused_in_bounded_memory()
    {
        File.WriteAllBytes(_folder["v.vec"], [.. Encoding.ASCII.GetBytes("1 1\n"), .. new byte[3 << 20]]);
        Assert.Contains(":2: a line of more than", Assert.Throws<DeviseInputException>(() => WordVectors.ReadVec(_folder["v.vec"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_straddle_the_buffer_are_read_like_others()
    {
        var random = new Random(4);
        var rows = Enumerable.Range(0, 3000).Select(i => (Word: $"w{i}", Values: Enumerable.Range(0, 100).Select(_ => random.NextSingle() - 0.5f).ToArray())).ToArray();
        File.WriteAllText(_folder["v.vec"], $"3000 100\n{string.Concat(rows.Select(row => $"{row.Word} {string.Join(' ', row.Values.Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}\n"))}");
        var read = WordVectors.ReadVec(_folder["v.vec"]);
        foreach (var (word, values) in rows)
        {
            Assert.True(read.TryGet(word, out var vector));
            Assert.Equal(values, vector.ToArray());
        }
    }

    [Fact]
    public void Nearest_words_are_those_of_a_plain_sort()
    {
        var random = new Random(2);
        var rows = Enumerable.Range(0, 200).Select(i => ($"w{i}", Enumerable.Range(0, 8).Select(_ => random.NextSingle() - 0.5f).ToArray())).ToArray();
        File.WriteAllText(_folder["v.vec"], $"200 8\n{string.Concat(rows.Select(row => $"{row.Item1} {string.Join(' ', row.Item2.Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}\n"))}");
        var query = rows[17].Item2;
        double Cosine(float[] v) => v.Zip(query, (a, b) => (double)a * b).Sum() / Math.Sqrt(v.Sum(a => (double)a * a) * query.Sum(a => (double)a * a));
        Assert.Equal(rows.OrderByDescending(row => Cosine(row.Item2)).Take(7).Select(row => row.Item1), WordVectors.ReadVec(_folder["v.vec"]).Nearest(query, 7).Select(pair => pair.Word));
    }

    public void Dispose() => _folder.Dispose();
}

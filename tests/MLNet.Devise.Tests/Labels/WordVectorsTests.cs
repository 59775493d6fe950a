using System.Text;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Tests.Labels;

public sealed class WordVectorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Reading_tells_how_far_it_is_and_can_be_stopped()
    {
        var path = _folder.Write("v.vec", "3 2\na 1 2\nb 3 4\nc 5 6\n");
        var told = new List<(long, long?)>();
        using (WordVectors.OpenWatched(path, null, (rows, all) => told.Add((rows, all)), CancellationToken.None)) { }
        Assert.Equal((3, 3), told[^1]);
        Assert.ThrowsAny<OperationCanceledException>(() => WordVectors.Open(path, cancellation: new CancellationToken(true)));
        Assert.ThrowsAny<OperationCanceledException>(() => Spelling.Near(["d"], path, 1, new CancellationToken(true)));
    }

    [Fact]
    public void Words_and_values_come_back_and_only_wanted_ones_are_kept()
    {
        var path = _folder.Write("v.vec", "3 2\ndog 1 -2.5\ncat 3e-1 4 \nöß 0 1\n");
        var all = WordVectors.Open(path);
        Assert.Equal(["dog", "cat", "öß"], all.Words);
        Assert.Equal([0.3f, 4f], Vector(all, "cat"));
        var some = WordVectors.Open(path, word => word == "cat");
        Assert.Equal(["cat"], some.Words);
        Assert.Equal((1, 1), (some.Rank(0), all.Rank(1)));
    }

    [Fact]
    public void Windows_line_ends_and_a_missing_last_one_do_no_harm()
    {
        var path = _folder.Write("v.vec", "2 1\r\na 1\r\nb 2");
        Assert.Equal(["a", "b"], WordVectors.Open(path).Words);
    }

    [Fact]
    public void Words_with_spaces_are_told_by_the_count_of_values()
    {
        Assert.Equal([". . .", "at name@domain"], WordVectors.Open(_folder.Write("v.vec", "2 2\n. . . 1 2\nat name@domain 3 4\n")).Words);
    }

    [Fact]
    public void The_first_of_equal_words_counts_and_the_others_are_told()
    {
        var words = WordVectors.Open(_folder.Write("v.vec", "2 1\na 1\na 2\n"));
        Assert.Equal((1, 1), (words.Count, words.Duplicates));
        Assert.Equal([1f], Vector(words, "a"));
        Assert.Equal($"{_folder["v.vec"]}: word 2, 'a', was there before; the first one counts", Assert.Single(words.Remarks));
    }

    [Theory]
    [InlineData("", ":1: '', expected the header")]
    [InlineData("cat\n", ":1: 'cat', expected the header")]
    [InlineData("1 0\na\n", ":1: 1 words of 0 values")]
    [InlineData("1 99999999\na 1\n", ":1: 1 words of 99999999 values")]
    [InlineData("1 3\na 1 2 3 4\n", ":2: 4 values, expected 3")]
    [InlineData("1 2\na 1 x\n", ":2: value 2 is 'x', expected a finite number")]
    [InlineData("3 1\na 1\nb 2\n", ":3: the file ends after 2 words, but its header says 3")]
    [InlineData("1 1\na 1\n\nb 2\n", ":4: more rows than the 1")]
    [InlineData("1 1\n", ":1: the file ends after 0 words")]
    public void A_file_that_cannot_be_meant_is_refused_by_line(string text, string expected)
    {
        var path = _folder.Write("v.vec", text);
        Assert.StartsWith(path + expected, Assert.Throws<DeviseInputException>(() => WordVectors.Open(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("b 1 2", ":3: 2 values, expected 3")]
    [InlineData("b 1 2 3 4", ":3: 4 values, expected 3")]
    [InlineData("b 1 2 x", ":3: value 3 is 'x', expected a finite number")]
    [InlineData("b 1 NaN 3", ":3: value 2 is 'NaN', expected a finite number")]
    [InlineData("b 1e99 2 3", ":3: value 1 is '1e99', expected a finite number")]
    [InlineData("b 1 -Infinity 3", ":3: value 2 is '-Infinity'")]
    [InlineData("b 1  3", ":3: value 2 is '', expected a finite number")]
    [InlineData(" 1 2 3", ":3: no word before the values")]
    public void A_bad_row_is_left_out_and_told_by_line(string row, string expected)
    {
        var path = _folder.Write("v.vec", $"3 3\na 1 2 3\n{row}\nc 4 5 6\n");
        var words = WordVectors.Open(path);
        Assert.Equal(["a", "c"], words.Words);
        Assert.Equal(1, words.BadRows);
        Assert.StartsWith(path + expected, Assert.Single(words.Remarks), StringComparison.Ordinal);
        Assert.Equal([2, 0], [words.Rank(1), words.Rank(0)]);
    }

    [Fact]
    public void A_file_of_bad_rows_is_refused_with_the_first()
    {
        var path = _folder.Write("v.vec", $"2000 2\na 1 2\n{string.Concat(Enumerable.Range(0, 1999).Select(i => i % 8 == 0 ? $"w{i} 1\n" : $"w{i} 1 2\n"))}");
        Assert.StartsWith($"{path}:3: 1 values, expected 2; the row is left out; 250 of 2,000 rows cannot be read", Assert.Throws<DeviseInputException>(() => WordVectors.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_bad_rows_the_first_is_told_whatever_was_odd_before()
    {
        var path = _folder.Write("v.vec", $"25 2\n{string.Concat(Enumerable.Repeat("a 1 2\n", 23))}b 1\nc 1\n");
        Assert.Equal($"{path}:25: 1 values, expected 2; the row is left out; 2 rows cannot be read", Assert.Throws<DeviseInputException>(() => LabelSpace.ReadVec(path)).Message);
        Assert.EndsWith($"2 rows of the file cannot be read, the first: {path}:25: 1 values, expected 2; the row is left out", Assert.Throws<DeviseInputException>(() => LabelSpace.FromVec(["qqq"], path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_short_line_is_found_even_where_its_word_is_not_wanted()
    {
        var path = _folder.Write("v.vec", "2 3\na 1 2\nb 1 2 3\n");
        Assert.Contains(":2: 2 values", Assert.Single(WordVectors.Open(path, word => word == "b").Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_left_out_by_line()
    {
        File.WriteAllBytes(_folder["v.vec"], [.. "2 1\n"u8, 0xC3, 0x28, .. " 1\na 1\n"u8]);
        Assert.Contains(":2: the word is not valid UTF-8", Assert.Single(WordVectors.Open(_folder["v.vec"]).Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_without_end_is_refused_in_bounded_memory()
    {
        File.WriteAllBytes(_folder["v.vec"], [.. Encoding.ASCII.GetBytes("1 1\n"), .. new byte[3 << 20]]);
        Assert.Contains(":2: a line of more than", Assert.Throws<DeviseInputException>(() => WordVectors.Open(_folder["v.vec"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_straddle_the_buffer_are_read_like_others()
    {
        var random = new Random(4);
        var rows = Enumerable.Range(0, 3000).Select(i => (Word: $"w{i}", Values: Enumerable.Range(0, 100).Select(_ => random.NextSingle() - 0.5f).ToArray())).ToArray();
        File.WriteAllText(_folder["v.vec"], $"3000 100\n{string.Concat(rows.Select(row => $"{row.Word} {string.Join(' ', row.Values.Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}\n"))}");
        var read = WordVectors.Open(_folder["v.vec"]);
        foreach (var (word, values) in rows) Assert.Equal(values, Vector(read, word));
    }

    [Fact]
    public void Nearest_words_are_those_of_a_plain_sort()
    {
        var random = new Random(2);
        var rows = Enumerable.Range(0, 200).Select(i => ($"w{i}", Enumerable.Range(0, 8).Select(_ => random.NextSingle() - 0.5f).ToArray())).ToArray();
        File.WriteAllText(_folder["v.vec"], $"200 8\n{string.Concat(rows.Select(row => $"{row.Item1} {string.Join(' ', row.Item2.Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}\n"))}");
        var query = rows[17].Item2;
        double Cosine(float[] v) => v.Zip(query, (a, b) => (double)a * b).Sum() / Math.Sqrt(v.Sum(a => (double)a * a) * query.Sum(a => (double)a * a));
        Assert.Equal(rows.OrderByDescending(row => Cosine(row.Item2)).Take(7).Select(row => row.Item1), WordVectors.Open(_folder["v.vec"]).Nearest(query, 7).Select(pair => pair.Word));
    }

    [Fact]
    public void Words_of_the_same_cosine_come_in_file_order_and_those_without_direction_not_at_all()
    {
        var words = WordVectors.Open(_folder.Write("v.vec", "5 2\na 0 0\nb 2 0\nc 1 0\nd 0 3\ne -1 0\n"));
        Assert.Equal([("b", 1f), ("c", 1f), ("d", 0f), ("e", -1f)], words.Nearest([4, 0], 10));
        Assert.Empty(words.Nearest([0, 0], 10));
        Assert.Throws<ArgumentException>(() => words.Nearest([1, 0, 0], 10));
    }

    [Fact]
    public void Frequencies_follow_ranks_and_add_up_to_1()
    {
        var words = WordVectors.Open(_folder.Write("v.vec", $"1000 1\n{string.Concat(Enumerable.Range(0, 1000).Select(i => $"w{i} 1\n"))}"));
        Assert.Equal(1, Enumerable.Range(0, 1000).Sum(words.Frequency), 1e-6);
        Assert.Equal(words.Frequency(0) / 10, words.Frequency(9), 1e-12);
        // The same share where only that word is kept.
        var one = WordVectors.Open(_folder["v.vec"], word => word == "w9");
        Assert.Equal(words.Frequency(9), one.Frequency(0), 1e-12);
    }

    public void Dispose() => _folder.Dispose();

    private static float[] Vector(WordVectors words, string word)
    {
        var vector = new float[words.Dimension];
        Assert.True(words.TryGet(word, vector));
        return vector;
    }
}

using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Tests.Evaluation;

public sealed class HypernymTests : IDisposable
{
    // cat and lion are felines, dog is a canine; felines and canines are carnivores; horse is an equine, and both kinds are mammals.
    private const string Text = "# what is a kind of what\ncat\tfeline\nlion\tfeline\n\ndog\tcanine\nfeline\tcarnivore\ncanine\tcarnivore\ncarnivore\tmammal\r\nhorse\tequine\nequine\tmammal\nkiller whale\tmammal\n";
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Hops_go_up_and_down()
    {
        var hypernyms = Hypernyms.Read(_folder.Write("h.txt", Text));
        Assert.Equal((10, 9, "h.txt"), (hypernyms.Count, hypernyms.Links, hypernyms.Source));
        var hops = hypernyms.Hops(["cat", "lion", "dog", "horse", "Killer+Whale"]);
        Assert.Equal([0, 2, 4, 5, 4], hops[0]);
        Assert.Equal([5, 5, 5, 0, 3], hops[3]);
        for (var a = 0; a < 5; a++)
            for (var b = 0; b < 5; b++) Assert.Equal(hops[a][b], hops[b][a]);
    }

    [Fact]
    public void The_circle_grows_until_it_holds_k()
    {
        // From cat: cat 0, lion 2, dog and whale 4, horse 5.
        int[] hops = [0, 2, 4, 5, 4];
        Assert.Equal([true, false, false, false, false], HierarchicalPrecision.Circle(hops, 1));
        Assert.Equal([true, true, false, false, false], HierarchicalPrecision.Circle(hops, 2));
        Assert.Equal([true, true, true, false, true], HierarchicalPrecision.Circle(hops, 3));
        Assert.Equal([true, true, true, false, true], HierarchicalPrecision.Circle(hops, 4));
        Assert.Equal([true, false, false], HierarchicalPrecision.Circle([0, -1, -1], 1));
        Assert.Equal([true, true, true], HierarchicalPrecision.Circle([0, -1, -1], 2));
    }

    [Fact]
    public void Precision_worked_by_hand()
    {
        // On the circle: cat 0°, lion 20°, dog 50°, horse 90°, killer whale 140°, all seen.
        var report = Evaluator.Run(new()
        {
            Labels = Scenario.LabelsAt(("cat", 0), ("lion", 20), ("dog", 50), ("horse", 90), ("killer+whale", 140)),
            Seen = ["cat", "lion", "dog", "horse", "killer+whale"],
            Hypernyms = Hypernyms.Read(_folder.Write("h.txt", Text)),
            Images =
            [
                new("a.jpg", "cat", Split.Valid, Scenario.At(15)), // lion, cat, dog, …
                new("b.jpg", "cat", Split.Valid, Scenario.At(60)), // dog, horse, lion, cat, whale
                new("c.jpg", "horse", Split.Valid, Scenario.At(80)), // horse, dog, …: the circle around horse holds the whale (3), then all (5)
            ],
        }).Report;
        var found = report.Hierarchy!;
        Assert.Equal((report.Seen.Top1, 1 / 3.0), (found.Seen.At1, found.Seen.At1), (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-12);
        // k = 2: a: both of cat, lion; b: none; c: horse alone of horse, whale.
        Assert.Equal((1 + 0 + 0.5) / 3, found.Seen.At2!.Value, 1e-12);
        Assert.Equal(1, found.Seen.At5);
        Assert.Null(found.Seen.At10);
        Assert.Null(found.AllLabels);
        Assert.Equal(10, found.Nodes);
    }

    [Fact]
    public void It_equals_its_naive_twin()
    {
        var input = Scenario.Random(seen: 9, unseen: 6, further: 3);
        var random = new Random(5);
        var inner = Enumerable.Range(0, 8).Select(i => $"kind {i}").ToArray();
        List<(string Child, string Parent)> links = [.. inner.Skip(1).Select((name, i) => (name, inner[random.Next(i + 1)])), .. input.Labels.Names.Select(name => (name, inner[random.Next(8)])), ("class 3", "kind 7")];
        var report = Evaluator.Run(input with { Hypernyms = Hypernyms.Read(_folder.Write("t.txt", string.Concat(links.Select(link => $"{link.Child}\t{link.Parent}\n")))) }).Report.Hierarchy!;
        var naive = new NaiveMetrics(input);
        Check(report.Seen, naive.SeenImages, [.. input.Seen]);
        Check(report.UnseenLabels!, naive.UnseenImages, [.. input.Unseen]);
        Check(report.AllLabels!, naive.UnseenImages, naive.Known);

        void Check(HierarchicalPrecision actual, LabelledEmbedding[] images, string[] labels)
        {
            Assert.Equal(naive.Top(1, images, labels), actual.At1, 1e-12);
            foreach (var (k, value) in (IEnumerable<(int, double?)>)[(2, actual.At2), (5, actual.At5), (10, actual.At10), (20, actual.At20)])
            {
                if (k > labels.Length) Assert.Null(value);
                else Assert.Equal(images.Average(image => naive.Ranked(image, labels).Take(k).Count(Near(image.Label, labels, k).Contains) / (double)k), value!.Value, 1e-12);
            }
        }

        // As Frome et al. tell it: radius after radius, until enough labels are inside.
        List<string> Near(string truth, string[] labels, int k)
        {
            List<string> correct = [];
            HashSet<string> circle = [truth.Replace('+', ' ')], reached = [.. circle];
            while (true)
            {
                correct.AddRange(labels.Where(label => circle.Contains(label.Replace('+', ' '))));
                if (correct.Count >= k) return correct;
                circle = [.. links.SelectMany(link => ((string, string)[])[(link.Child.Replace('+', ' '), link.Parent), (link.Parent, link.Child.Replace('+', ' '))]).Where(step => circle.Contains(step.Item1) && !reached.Contains(step.Item2)).Select(step => step.Item2)];
                reached.UnionWith(circle);
            }
        }
    }

    [Theory]
    [InlineData("cat feline\n", ":1: 'cat feline', expected 'child TAB parent'")]
    [InlineData("cat\tfeline\ndog\t\n", ":2: 'dog\t', expected")]
    [InlineData("a\tb\tc\n", ":1: ")]
    [InlineData("# nothing\n\n", "no link in it")]
    public void A_file_with_a_mistake_is_refused(string text, string expected)
    {
        var path = _folder.Write("bad.txt", text);
        Assert.Contains(expected, Assert.Throws<DeviseInputException>(() => Hypernyms.Read(path)).Message);
    }

    [Fact]
    public void Labels_that_are_missing_are_told_at_once()
    {
        var hypernyms = Hypernyms.Read(_folder.Write("h.txt", Text));
        Assert.Contains("2 of 3 labels are not in it: polar bear, yeti", Assert.Throws<DeviseInputException>(() => hypernyms.Hops(["cat", "polar+bear", "yeti"])).Message);
        Assert.Contains("no such file", Assert.Throws<DeviseInputException>(() => Hypernyms.Read(_folder["none.txt"])).Message);
    }

    [Fact]
    public void Loops_and_links_to_itself_do_no_harm() =>
        Assert.Equal([0, 1, 2], Hypernyms.Read(_folder.Write("loop.txt", "a\tb\nb\tc\nc\td\nd\ta\na\ta\n")).Hops(["a", "b", "c"])[0]);

    public void Dispose() => _folder.Dispose();
}

using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Reports;
using MLNet.Devise.Reports.Notebooks;
using MLNet.Devise.Reports.Pages;
using MLNet.Devise.Tests.Evaluation;
using SkiaSharp;

namespace MLNet.Devise.Tests.Reports;

public sealed partial class HtmlReportTests : IDisposable
{
    private const string Hostile = "<script>alert(\"x\")</script>&'";
    private readonly string _folder = Directory.CreateTempSubdirectory("devise-html-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_page_stands_alone()
    {
        var page = Page(Input());
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">", page);
        Assert.DoesNotContain("http:", page);
        Assert.DoesNotContain("https:", page);
        Assert.Equal(3, page.Split("<script").Length - 1); // our own, and the data of two maps
        Assert.DoesNotContain("<link", page);
        Assert.DoesNotContain("@import", page);
        Assert.DoesNotContain("url(", page);
        Assert.DoesNotContain("srcset=\"http", page);
        Assert.All(Sources().Matches(page), source => Assert.StartsWith("data:image/", source.Groups[1].Value));
        Assert.All(Links().Matches(page), link => Assert.Contains($"id=\"{link.Groups[1].Value}\"", page));
        Assert.Contains("default-src 'none'", page);
        var script = ScriptBlock().Match(page).Groups[1].Value;
        Assert.Contains($"script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'", WebUtility.HtmlDecode(page));
    }

    [Fact]
    public void Tags_close_headings_step_and_images_speak()
    {
        var page = Page(Input());
        var open = new Stack<string>();
        foreach (Match tag in Tags().Matches(AnyScript().Replace(StyleBlock().Replace(page, ""), "")))
        {
            var name = tag.Groups["name"].Value;
            if (name is "meta" or "img" or "br" or "source" or "!DOCTYPE") continue;
            if (tag.Groups["end"].Length == 0) open.Push(name);
            else Assert.Equal(open.Pop(), name);
        }
        Assert.Empty(open);

        var levels = Headings().Matches(page).Select(h => int.Parse(h.Groups[1].Value, null)).ToArray();
        Assert.Equal(1, levels[0]);
        Assert.Single(levels, 1);
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1));
        Assert.All(Images().Matches(page), image => Assert.Matches("alt=\"[^\"]{5,}\"", image.Value));
        Assert.DoesNotContain("<th>", page);
        Assert.Equal(page.Split(" id=\"").Length - 1, Ids().Matches(page).Select(id => id.Groups[1].Value).Distinct().Count());
    }

    [Fact]
    public void Whatever_comes_from_data_is_escaped()
    {
        var input = Input(rename: name => name == "class+1" ? Hostile : name);
        var page = Page(input with
        {
            Title = $"Title {Hostile}",
            History = [new(1, $"phase {Hostile}", 1, 1, 1, 0.5, 1e-3, 10)],
            Facts = [new($"Group {Hostile}", $"fact {Hostile}", $"value {Hostile}")],
            Skipped = [$"file {Hostile}"],
        });
        var escaped = WebUtility.HtmlEncode(Hostile);
        Assert.Equal(3, page.Split("<script").Length - 1);
        Assert.DoesNotContain("alert(\"x\")", page);
        foreach (var part in (string[])["Title ", "phase ", "Group ", "fact ", "value ", "file "]) Assert.Contains(part + escaped, page);
        Assert.Contains($"alt=\"Photo of: {escaped}\"", page);
    }

    [Fact]
    public void Values_are_escaped_and_markup_is_not()
    {
        var writer = new StringWriter();
        new Html(writer).Add($"<b>{"<&\"'>"}</b> {0.1234:0.00} {null} {1234.6:N0}");
        Assert.Equal("<b>&lt;&amp;&quot;&#39;&gt;</b> 0.12  1,235", writer.ToString());
        Assert.Equal(("79.9 %", "–", "100.0 %"), (Html.Rate(0.799), Html.Rate(null), Html.Rate(1)));
        Assert.Equal(("0.42", "-0.01", "0.00", "1.00"), (Html.Cosine(0.416), Html.Cosine(-0.006), Html.Cosine(-0.004), Html.Cosine(0.9999f)));
    }

    [Fact]
    public void Headline_and_tables_carry_the_measured_numbers_beside_chance_and_the_paper()
    {
        var input = Input();
        var (report, page) = (input.Evaluation.Report, Page(input));
        Assert.Contains($"<strong>{Html.Rate(report.Seen.Top1)}</strong>", page);
        Assert.Contains($"<strong>{Html.Rate(report.ZeroShot!.UnseenLabels.PerClassTop1)}</strong>", page);
        Assert.Contains($"<strong>{Html.Rate(report.Retrieval.TextToImage.PrecisionAt10)}</strong>", page);
        Assert.Contains("Guessing: 20.0 %", page); // five seen labels
        Assert.Contains("Guessing: 33.3 %", page); // three unseen labels
        Assert.Contains($"<th scope=\"row\">Stage 1: accuracy of the classifier</th><td>81.0 %</td><td>20.0 %</td><td>88.7 %</td><td>95.3 %</td>", page);
        Assert.Contains($"<th scope=\"row\">… among the first 3</th><td>{Html.Rate(report.Seen.Top3)}</td><td>60.0 %</td><td>90.3 %</td><td>77.7 %</td>", page);
        Assert.Contains($"<td>{Html.Rate(report.ZeroShot.AllLabels.Top5)}</td><td>62.5 %</td><td>36.9 %</td><td>26.5 %</td>", page);
        Assert.Contains("The columns are not one experiment.", page);
        Assert.Contains($"<td>{Html.Rate(report.Generalized!.Unseen)}</td><td>{Html.Rate(report.Generalized.Seen)}</td><td>{Html.Rate(report.Generalized.Harmonic)}</td>", page);
        Assert.Contains($"<td>{Html.Rate(report.Generalized.Calibrated!.Harmonic)}</td>", page);
        Assert.Contains($"<strong>{Html.Rate(report.Generalized.Calibrated.Harmonic)}</strong>", page);
        Assert.Contains("when all 8 names compete and seen ones are lowered by 0.2.</span> <em>Guessing: 12.5 %</em>", page);
        foreach (var c in input.Evaluation.Classes) Assert.Contains($"<th scope=\"row\">{ClassList.Display(c.Label)}</th>", page);
    }

    [Fact]
    public void Rates_come_with_their_intervals()
    {
        var input = Input(resamples: 50);
        var (report, page) = (input.Evaluation.Report, Page(input));
        var (low, high) = report.Intervals!.Values["seen.top1"];
        Assert.Contains(FormattableString.Invariant($"<td>{Html.Rate(report.Seen.Top1)} ({100 * low:0.0}–{100 * high:0.0})</td>"), page);
        Assert.Contains("95.0 % intervals from 50 bootstrap resamples", page);
    }

    [Fact]
    public void The_largest_and_the_smallest_losses_are_shown_at_most_two_of_a_class()
    {
        var input = Input();
        var predictions = input.Evaluation.Predictions;
        foreach (var (seen, largest) in (ReadOnlySpan<(bool, bool)>)[(true, true), (true, false), (false, true), (false, false)])
        {
            var chosen = LossSection.Extremes(predictions, seen, largest).ToArray();
            Assert.InRange(chosen.Length, 3, 6);
            Assert.All(chosen, p => Assert.Equal(seen, p.IsSeen));
            Assert.All(chosen.GroupBy(p => p.Label), group => Assert.InRange(group.Count(), 1, 2));
            var all = predictions.Where(p => p.IsSeen == seen).Select(p => p.Loss).Order().ToArray();
            Assert.Equal(largest ? all[^1] : all[0], chosen[0].Loss);
            var losses = chosen.Select(p => p.Loss).ToArray();
            Assert.Equal(largest ? losses.OrderDescending() : losses.Order(), losses);
        }
        var worst = LossSection.Extremes(predictions, true, true).First();
        Assert.Contains(FormattableString.Invariant($"loss {worst.Loss:0.00}"), Page(input));
    }

    [Fact]
    public void Answers_are_marked_as_they_are()
    {
        var input = Input();
        var page = Page(input);
        var first = GalleryDraw.Images(input.Evaluation, seen: true, input.Seed).First();
        var photo = input.Evaluation.Images[first];
        var ranked = input.Evaluation.Confusion.Labels.OrderByDescending(label => System.Numerics.Tensors.TensorPrimitives.Dot(photo.Embedding, input.Labels.Vector(input.Labels.IndexOf(label)))).ToArray();
        var figure = page[page.IndexOf("<figure class=\"tile\">", StringComparison.Ordinal)..];
        var items = ListItems().Matches(figure[..figure.IndexOf("</figure>", StringComparison.Ordinal)]).Select(item => item.Value).ToArray();

        Assert.Contains($"<b>{ClassList.Display(photo.Label)}</b>", figure);
        Assert.Equal(5, items.Length);
        Assert.All(items.Zip(ranked), pair => Assert.Contains($"<span class=\"name\">{ClassList.Display(pair.Second)}", pair.First));
        Assert.All(items.Zip(ranked), pair => Assert.Equal(pair.Second == photo.Label, pair.First.Contains('✓')));
        Assert.Equal(ranked[0] != photo.Label, items[0].Contains('✗'));
        Assert.All(items.Skip(1), item => Assert.DoesNotContain("✗", item));
        Assert.All(items.Zip(ranked), pair => Assert.Equal(input.Evaluation.Confusion.Labels.ToList().IndexOf(pair.Second) >= 5, pair.First.Contains(">unseen<", StringComparison.Ordinal)));
    }

    [Fact]
    public void Search_results_are_marked_and_never_hold_the_photo_asked_with()
    {
        var input = Input();
        var found = FoundItems().Matches(Page(input));
        Assert.NotEmpty(found);
        Assert.All(found, item => Assert.Contains(item.Groups[1].Value == "right" ? "✓" : "✗", item.Value));
        Assert.Contains(found, item => item.Groups[1].Value == "right");
        Assert.Contains(found, item => item.Groups[1].Value == "wrong");
        foreach (var query in Page(input).Split("<div class=\"query\"><figure").Skip(1))
        {
            var titles = Titles().Matches(query[..query.IndexOf("</ol>", StringComparison.Ordinal)]).Select(title => title.Groups[1].Value).ToArray();
            Assert.Equal(7, titles.Length);
            Assert.DoesNotContain(titles[0], titles[1..]);
        }
    }

    [Fact]
    public void Thumbnails_are_small_jpegs_and_unreadable_photos_leave_a_gap()
    {
        var input = Input();
        var page = Page(input);
        var jpegs = Jpegs().Matches(page);
        Assert.NotEmpty(jpegs);
        using var thumbnail = SKBitmap.Decode(Convert.FromBase64String(jpegs[0].Groups[1].Value));
        Assert.Equal((40, 40), (thumbnail.Width, thumbnail.Height)); // as small as the photo itself
        Assert.DoesNotContain("file not readable", page);

        File.WriteAllText(Path.Combine(_folder, "data", input.Evaluation.Images[0].Path), "not an image");
        foreach (var image in input.Evaluation.Images.Skip(1)) File.Delete(Path.Combine(_folder, "data", image.Path));
        page = Page(input);
        Assert.Contains("file not readable", page);
        Assert.Empty(Jpegs().Matches(page));
    }

    [Fact]
    public void Without_unseen_classes_or_history_the_page_says_less()
    {
        var input = Input(unseen: 0) with { History = [] };
        var page = Page(input);
        Assert.DoesNotContain("zero-shot)", page);
        Assert.DoesNotContain("<h4>Unseen classes</h4>", page);
        Assert.DoesNotContain("Generalised", page);
        Assert.Contains("No history of the training", page);
        Assert.False(File.Exists(Path.Combine(_folder, "out", "figures", "training.png")));
    }

    [Fact]
    public void Figures_lie_beside_the_page_and_in_it()
    {
        var page = Page(Input());
        Assert.Equal(["classes", "confused-pairs", "confusion", "embedding", "embedding-epochs", "histogram", "reliability", "seen-unseen", "training"],
            Directory.GetFiles(Path.Combine(_folder, "out", "figures"), "*.png").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal));
        Assert.StartsWith("GIF89a", File.ReadAllText(Path.Combine(_folder, "out", "figures", "embedding-epochs.gif"), Encoding.Latin1), StringComparison.Ordinal);
        foreach (var name in Directory.GetFiles(Path.Combine(_folder, "out", "figures"), "*.png").Select(file => Path.GetFileNameWithoutExtension(file)))
            Assert.Contains(Convert.ToBase64String(File.ReadAllBytes(Path.Combine(_folder, "out", "figures", $"{name}.png"))), page);
        Assert.True(page.Length < 5 << 20);
    }

    [Fact]
    public void Figures_of_an_earlier_report_do_not_stay_beside_a_later_one()
    {
        var figures = Path.Combine(_folder, "out", "figures");
        Page(Input());
        File.WriteAllText(Path.Combine(figures, "mine.png"), "");
        Page(Input(unseen: 0) with { Embeddings = null, History = [], Classes = [] });
        Assert.Equal(["classes", "confused-pairs", "confusion", "embedding", "mine", "reliability"],
            Directory.GetFiles(figures).Select(file => Path.GetFileNameWithoutExtension(file)).Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetFiles(figures, "*.gif"));
    }

    [Fact]
    public void The_page_is_the_same_where_decimals_have_commas()
    {
        var (input, before, commas) = (Input(resamples: 20), CultureInfo.CurrentCulture, (CultureInfo)CultureInfo.InvariantCulture.Clone());
        (commas.NumberFormat.NumberDecimalSeparator, commas.NumberFormat.NumberGroupSeparator) = (",", ".");
        var page = Page(input);
        var many = input.Evaluation.Report with { Seen = input.Evaluation.Report.Seen with { Images = 1234 } };
        var metrics = Show.Metrics(many).ToHtml();
        Assert.Contains("<td>1,234</td>", metrics);
        try
        {
            CultureInfo.CurrentCulture = commas;
            Assert.Equal(page, Page(input));
            Assert.Equal(metrics, Show.Metrics(many).ToHtml());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void The_same_input_gives_the_same_page()
    {
        var input = Input();
        Assert.Equal(Page(input), Page(input));
    }

    [Fact]
    public void A_long_list_of_skipped_files_is_cut()
    {
        var page = Page(Input() with { Skipped = [.. Enumerable.Range(0, 60).Select(i => $"file{i}.jpg: damaged")] });
        Assert.Contains("<li>file49.jpg: damaged</li>", page);
        Assert.DoesNotContain("file50.jpg", page);
        Assert.Contains("and 10 more", page);
    }

    private string Page(ReportInput input)
    {
        HtmlReport.Write(Path.Combine(_folder, "out"), input);
        return File.ReadAllText(Path.Combine(_folder, "out", HtmlReport.FileName));
    }

    private ReportInput Input(int unseen = 3, Func<string, string>? rename = null, int resamples = 0)
    {
        rename ??= name => name;
        var drawn = Scenario.Random(seen: 5, unseen, further: 2, noise: 1.0f);
        var input = drawn with
        {
            Labels = new([.. drawn.Labels.Names.Select(rename)], drawn.Labels.Vectors),
            Seen = [.. drawn.Seen.Select(rename)],
            Images = [.. drawn.Images.Select(image => image with { Label = rename(image.Label) })],
            Stage1Accuracy = 0.81,
            Intervals = new() { Resamples = resamples },
        };
        foreach (var image in input.Images) Draw(Path.Combine(_folder, "data", image.Path));
        var valid = input.Images.Where(image => image.Split == Split.Valid).ToArray();
        return new()
        {
            Title = "A report",
            Evaluation = Evaluator.Run(input),
            Labels = input.Labels,
            DataFolder = Path.Combine(_folder, "data"),
            History = [new(1, "frozen", 1, 1.5, 1.4, 0.5, 3e-3, 90), new(2, "frozen", 1, 0.5, 0.45, 0.6, 3e-3, 88)],
            Classes = [.. input.Images.GroupBy(image => image.Label).Select(images => new ClassImages(images.Key, input.Seen.Contains(images.Key), 1, images.Count() - 1, 0))],
            Embeddings = new([.. valid.Select(image => image.Path)], [.. valid.Select(image => image.Label)], [.. Enumerable.Range(1, 2).Select(epoch => new EpochEmbeddings(epoch, [.. valid.Select(image => image.Embedding)]))]),
            Facts = [new("Options", "seed", "0")],
        };
    }

    private static void Draw(string path)
    {
        if (File.Exists(path)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var bitmap = new SKBitmap(64, 40);
        bitmap.Erase(SKColors.SteelBlue);
        using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 80);
        File.WriteAllBytes(path, jpeg.ToArray());
    }

    [GeneratedRegex("src=\"([^\"]*)\"")]
    private static partial Regex Sources();

    [GeneratedRegex("href=\"#([^\"]*)\"")]
    private static partial Regex Links();

    [GeneratedRegex("<(?<end>/?)(?<name>!?[A-Za-z0-9]+)[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex("<style>.*?</style>", RegexOptions.Singleline)]
    private static partial Regex StyleBlock();

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex ScriptBlock();

    [GeneratedRegex("<script.*?</script>", RegexOptions.Singleline)]
    private static partial Regex AnyScript();

    [GeneratedRegex("<h([1-6])")]
    private static partial Regex Headings();

    [GeneratedRegex("<img[^>]*>")]
    private static partial Regex Images();

    [GeneratedRegex(" id=\"([^\"]*)\"")]
    private static partial Regex Ids();

    [GeneratedRegex("<li>.*?</li>", RegexOptions.Singleline)]
    private static partial Regex ListItems();

    [GeneratedRegex("<li class=\"tile (right|wrong)\">.*?</li>", RegexOptions.Singleline)]
    private static partial Regex FoundItems();

    [GeneratedRegex(" title=\"([^\"]*)\"")]
    private static partial Regex Titles();

    [GeneratedRegex("data:image/jpeg;base64,([A-Za-z0-9+/=]*)\"")]
    private static partial Regex Jpegs();
}

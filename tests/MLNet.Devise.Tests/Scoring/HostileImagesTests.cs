using System.Diagnostics;
using MLNet.Devise.Jobs;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Tests.Scoring;

/// <summary>A hundred broken, odd or malicious files of other projects' test suites; EXPECT.csv says what Pillow 9.4 made of each.</summary>
public sealed class HostileImagesTests
{
    [Fact]
    public void What_Pillow_reads_is_read_at_the_same_upright_size()
    {
        var wrong = new List<string>();
        foreach (var (path, row) in Rows().Where(item => item.Row[^1] == "ok"))
        {
            using var photo = Photo.TryDecode(path, out var status, out var error);
            if (row[2] == "TIFF") Assert.Equal(ImageStatus.Unsupported, status);
            else if (photo is null) wrong.Add($"{row[0]}: {status} {error}");
            else
            {
                var stored = row[4].Split('x');
                var upright = int.TryParse(row[5], out var orientation) && orientation >= 5 ? $"{stored[1]}x{stored[0]}" : row[4];
                if ($"{photo.Width}x{photo.Height}" != upright) wrong.Add($"{row[0]}: {photo.Width}x{photo.Height}, expected {upright}");
            }
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void What_breaks_while_Pillow_decodes_it_is_corrupt()
    {
        var wrong = new List<string>();
        foreach (var (path, row) in Rows().Where(item => item.Row[^1].StartsWith("load fails", StringComparison.Ordinal)))
        {
            using var photo = Photo.TryDecode(path, out var status, out _);
            if (status != ImageStatus.Corrupt) wrong.Add($"{row[0]}: {status}");
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void Bombs_are_refused_and_nothing_throws()
    {
        foreach (var (path, row) in Rows().Where(item => item.Row[^1].StartsWith("open fails", StringComparison.Ordinal)))
        {
            using var photo = Photo.TryDecode(path, out var status, out var error);
            // Of the files that Pillow refuses, one is a sound pixel with an oversized comment.
            if (Path.GetFileName(path) == "png_decompression_dos.png") continue;
            Assert.True(status != ImageStatus.Ok && error.Length > 0, $"{row[0]}: {status}");
            if (row[^1].Contains("Bomb", StringComparison.Ordinal)) Assert.True(status is ImageStatus.TooLarge or ImageStatus.Corrupt, $"{row[0]}: {status}");
        }
    }

    [Fact]
    public void A_link_is_as_large_as_what_it_leads_to()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "makes links and a pipe");
        using var folder = new TemporaryFolder();
        using (var large = File.Create(folder["large"])) large.SetLength(PhotoBytes.MaxBytes + 1);
        using (var made = Process.Start("mkfifo", [folder["pipe"]])) made.WaitForExit();
        Pictures.Save(folder["photo"], 8, 8, 1);
        foreach (var (name, status) in (IEnumerable<(string, ImageStatus)>)[("large", ImageStatus.TooLarge), ("pipe", ImageStatus.Corrupt), ("photo", ImageStatus.Ok), ("gone", ImageStatus.Missing)])
        {
            File.CreateSymbolicLink(folder[$"to {name}"], name);
            File.CreateSymbolicLink(folder[$"to to {name}"], $"to {name}");
            using var bytes = PhotoBytes.TryRead(folder[$"to to {name}"], out var found, out _);
            Assert.Equal((name, status), (name, found));
        }
    }

    [Fact]
    public void Every_file_gets_a_row_with_a_status_soon_and_in_bounded_memory()
    {
        var files = Rows().Select(item => item.Path).ToArray();
        using var folder = new TemporaryFolder();
        using var scorer = new ImageScorer(TinyBundle.Write(folder["bundle"]), new() { K = 1, Workers = 1 });
        var (clock, seen) = (Stopwatch.StartNew(), 0);
        foreach (var row in scorer.Score(files))
        {
            Assert.Equal(files[seen++], row.Path);
            Assert.True(row.Status == ImageStatus.Ok ? row.Labels.Count == 1 : row.Error.Length > 0, $"{row.Path}: {row.Status}");
        }
        Assert.Equal(files.Length, seen);
        // A file that hangs would take for ever; a hundred that each stay far below 2 s leave room for a busy machine.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2 * files.Length / 4.0), $"{clock.Elapsed}");
    }

    private static IEnumerable<(string Path, string[] Row)> Rows()
    {
        var folder = TestData.Require("hostile-images");
        return File.ReadLines(Path.Combine(folder, "EXPECT.csv")).Skip(1).Select(line => line.Split(',')).Select(row => (Path.Combine(folder, row[0]), row));
    }
}

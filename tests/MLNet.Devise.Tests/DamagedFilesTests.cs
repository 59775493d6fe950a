using Microsoft.ML;
using MLNet.Devise.Jobs;
using MLNet.Devise.Tests.Scoring;
using ParquetSharp;

namespace MLNet.Devise.Tests;

/// <summary>
/// A thousand damaged bundles, saved chains and lists: each is read, or refused with a message of ours that names the file; the process lives
/// on, and nothing appears outside of the folder given. Checksums in the manifest are made right again, as an attacker would.
/// </summary>
public sealed class DamagedFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _photo;

    public DamagedFilesTests() => _photo = Pictures.Save(Path.Combine(Directory.CreateDirectory(_folder["photos"]).FullName, "a.png"), 20, 20);

    [Theory]
    [InlineData(ModelBundle.OnnxName, 400), InlineData(ModelBundle.LabelsName, 150), InlineData(ModelBundle.ManifestName, 150)]
    public void Damaged_bundles_are_opened_or_refused(string name, int times)
    {
        TinyBundle.Write(_folder["bundle"]);
        var original = File.ReadAllBytes(_folder["bundle", name]);
        Try(times, original, bytes =>
        {
            if (name == ModelBundle.ManifestName) File.WriteAllBytes(_folder["bundle", name], bytes);
            else TinyBundle.Replace(_folder["bundle"], name, bytes);
            using var scorer = new ImageScorer(ModelBundle.Open(_folder["bundle"]), new() { K = 1 });
            _ = scorer.Score([_photo]).ToArray();
        });
    }

    [Fact]
    public void Damaged_saved_chains_are_loaded_or_refused()
    {
        var zip = TinyBundle.Write(_folder["bundle"]).PipelinePath;
        var context = new MLContext();
        Try(150, File.ReadAllBytes(zip), bytes =>
        {
            File.WriteAllBytes(_folder["bundle", "damaged.zip"], bytes);
            (context.Model.LoadScoring(_folder["bundle", "damaged.zip"], out _) as IDisposable)?.Dispose();
        });
    }

    [Fact]
    public void Damaged_lists_are_read_or_refused()
    {
        var whole = _folder["photos", "list.parquet"];
        using (var writer = new ParquetFileWriter(whole, [new Column<string>("Path"), new Column<string>("Camera")]))
        {
            using var group = writer.AppendRowGroup();
            using (var paths = group.NextColumn().LogicalWriter<string>()) paths.WriteBatch([.. Enumerable.Repeat(_photo, 50)]);
            using (var cameras = group.NextColumn().LogicalWriter<string>()) cameras.WriteBatch([.. Enumerable.Range(0, 50).Select(i => $"camera {i}")]);
            writer.Close();
        }
        var bundle = TinyBundle.Write(_folder["bundle"]);
        var number = 0;
        Try(150, File.ReadAllBytes(whole), bytes =>
        {
            var list = _folder["bundle", "list.parquet"];
            File.WriteAllBytes(list, bytes);
            DeviseJob.Run(bundle, list, _folder["bundle", $"scores{number++}.csv"], new());
        });
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Damages, tries, and looks that nothing else than the bundle's folder has changed.</summary>
    private void Try(int times, byte[] original, Action<byte[]> use)
    {
        var (random, refused) = (new Random(23), 0);
        var before = Outside();
        for (var i = 0; i < times; i++)
        {
            try { use(Damage(original, random)); }
            catch (DeviseInputException error)
            {
                Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
                refused++;
            }
            catch (Exception error) { Assert.Fail($"case {i}: {error}"); }
        }
        Assert.InRange(refused, times / 20, times);
        Assert.Equal(before, Outside());
    }

    private string[] Outside() => [.. Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Where(path => !path.StartsWith(_folder["bundle"], StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static byte[] Damage(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var n = random.Next(1, 5); n > 0; n--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 30), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: for (var i = 0; i < length; i++) bytes[at + i] = 0xFF; break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                default: if (bytes.Count > 50) bytes.RemoveRange(at, length); break;
            }
        }
        return [.. bytes];
    }
}

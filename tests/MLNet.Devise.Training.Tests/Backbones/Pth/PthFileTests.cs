using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;

namespace MLNet.Devise.Training.Tests.Backbones.Pth;

/// <summary>Files that PyTorch wrote (Fixtures/make_fixtures.py), in every container it has.</summary>
public sealed class PthFileTests
{
    [Theory]
    [InlineData("zip.pth"), InlineData("zip4.pth"), InlineData("legacy.pth"), InlineData("legacy4.pth"), InlineData("checkpoint.pth")]
    public void Tensors_of_every_kind_come_back(string name)
    {
        var tensors = WeightsFile.Read(Containers.Fixture(name));
        Is("float", [2, 3], [0, 0.5f, 1, 1.5f, 2, 2.5f]);
        foreach (var format in (string[])["half", "bfloat", "double", "tied"]) Is(format, [2, 3], tensors["float"].Values);
        Is("scalar", [], [2.5f]);
        Is("empty", [0, 3], []);
        Is("transposed", [3, 4], [0, 1.5f, 3, 4.5f, 0.5f, 2, 3.5f, 5, 1, 2.5f, 4, 5.5f]);
        Is("channels_last", [2, 3, 2, 2], Halves(24));
        Is("window", [2, 3], [4, 4.5f, 5, 7, 7.5f, 8]);
        Is("every_other", [5], [0.5f, 1.5f, 2.5f, 3.5f, 4.5f]);
        Is("long", [5000], [.. Halves(5000).Select(value => (float)(Half)value)]);
        Is("parameter", [2, 2], Halves(4));
        Assert.Same(tensors["float"], tensors["tied"]);
        Assert.DoesNotContain("counter", tensors.Keys); // an integer
        Assert.Equal(13, tensors.Count);

        void Is(string key, long[] shape, float[] values)
        {
            Assert.Equal(shape, tensors[key].Shape);
            Assert.Equal(values, tensors[key].Values);
        }
    }

    [Fact]
    public void The_content_decides_and_not_the_ending()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Containers.Fixture("legacy.pth"), folder["a.safetensors"]);
        Safetensors.Write(folder["b.pth"], [("x", new([1], [3]))]);
        Assert.Equal(13, WeightsFile.Read(folder["a.safetensors"]).Count);
        Assert.Equal([3f], WeightsFile.Read(folder["b.pth"])["x"].Values);
    }

    /// <summary>A header of 0x280 bytes begins like a pickle, one of 0x4034b50 like a zip.</summary>
    [Theory]
    [InlineData(0x280), InlineData(0x4034b50)]
    public void A_safetensors_file_that_begins_like_another_format_is_read(int header)
    {
        using var folder = new TemporaryFolder();
        var json = """{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""".PadRight(header);
        File.WriteAllBytes(folder["w"], [.. BitConverter.GetBytes((long)header), .. json.Select(c => (byte)c), .. BitConverter.GetBytes(4f)]);
        Assert.Equal([4f], WeightsFile.Read(folder["w"])["x"].Values);
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer")]
    [InlineData("<!DOCTYPE html>", "a web page")]
    [InlineData("ustar", "expected the weights as .safetensors")]
    public void Something_else_is_refused(string content, string expected)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("w.pth", content);
        var error = Assert.Throws<DeviseInputException>(() => WeightsFile.Read(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_model_is_refused_and_the_message_says_what_to_save() =>
        Assert.EndsWith("its pickle asks for 'torch.nn.modules.linear.Linear', which is refused: loading weights runs no code of the file; expected a plain state_dict, as torch.save(model.state_dict(), file) writes it",
            Assert.Throws<DeviseInputException>(() => WeightsFile.Read(Containers.Fixture("whole_model.pth"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("zip.pth", 7), InlineData("legacy.pth", 5)]
    public void A_truncated_file_is_refused_at_every_length(string name, int step)
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(Containers.Fixture(name));
        for (var length = 0; length < whole.Length; length += step)
        {
            File.WriteAllBytes(folder["cut"], whole[..length]);
            Assert.Throws<DeviseInputException>(() => WeightsFile.Read(folder["cut"]));
        }
    }

    private static float[] Halves(int count) => [.. Enumerable.Range(0, count).Select(i => i / 2f)];
}

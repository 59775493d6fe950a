using System.Text;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;

namespace MLNet.Devise.Training.Tests.Backbones;

public sealed class SafetensorsTests
{
    [Fact]
    public void Tensors_come_back_as_written()
    {
        using var folder = new TemporaryFolder();
        (string, NamedTensor)[] tensors = [("b", new([2, 2], [1, -2, float.Epsilon, 4])), ("a", new([], [7])), ("empty", new([0, 3], []))];
        Safetensors.Write(folder["w.safetensors"], tensors, new Dictionary<string, string> { ["note"] = "é" });
        var read = Safetensors.Read(folder["w.safetensors"]);
        Assert.Equal(3, read.Count);
        foreach (var (name, tensor) in tensors)
        {
            Assert.Equal(tensor.Shape, read[name].Shape);
            Assert.Equal(tensor.Values, read[name].Values);
        }
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void A_tensor_of_many_pieces_comes_back_as_written(bool half)
    {
        using var folder = new TemporaryFolder();
        float[] values = [.. Enumerable.Range(0, 200_001).Select(i => i % 2048 - 1000f)];
        Safetensors.Write(folder["w"], [("a", new([200_001], values)), ("b", new([2], [1, 2]))], half: half);
        var read = Safetensors.Read(folder["w"]);
        Assert.Equal(values, read["a"].Values);
        Assert.Equal([1f, 2f], read["b"].Values);
    }

    [Fact]
    public void Half_precision_is_widened()
    {
        using var folder = new TemporaryFolder();
        var path = Craft(folder, """{"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}""", [0x00, 0x3C, 0x00, 0xC0]);
        Assert.Equal([1f, -2f], Safetensors.Read(path)["h"].Values);
    }

    [Fact]
    public void Bfloat16_is_widened()
    {
        using var folder = new TemporaryFolder();
        var path = Craft(folder, """{"b":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}}""", [0x80, 0x3F, 0x20, 0xC0, 0x80, 0x7F]);
        Assert.Equal([1f, -2.5f, float.PositiveInfinity], Safetensors.Read(path)["b"].Values);
    }

    [Fact]
    public void Double_precision_is_narrowed_and_counters_are_passed_over()
    {
        using var folder = new TemporaryFolder();
        var path = Craft(folder, """{"bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"d":{"dtype":"F64","shape":[2],"data_offsets":[8,24]},"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[24,27]},"f":{"dtype":"F32","shape":[1],"data_offsets":[27,31]}}""",
            [.. BitConverter.GetBytes(1000L), .. BitConverter.GetBytes(0.1), .. BitConverter.GetBytes(-3.0), 1, 0, 1, .. BitConverter.GetBytes(7f)]);
        var read = Safetensors.Read(path);
        Assert.Equal(["d", "f"], read.Keys);
        Assert.Equal([0.1f, -3f], read["d"].Values);
        Assert.Equal([7f], read["f"].Values);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "expected to start at 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "expected to start at 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "does not fit its 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "does not fit")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}""", "does not fit")]
    [InlineData("""{"a":{"dtype":"F32","shape":[400],"data_offsets":[0,1600]}}""", "of 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "its tensors take 4")]
    [InlineData("""{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}""", "type 'C64'")]
    [InlineData("""{"a":{"dtype":"I64","shape":[2],"data_offsets":[0,8]}}""", "does not fit its 8 bytes")]
    [InlineData("""{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "expected to start at 8")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "'a' is there twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "lies at 8..0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", "cannot be read")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", "offsets")]
    [InlineData("""["a"]""", "cannot be read")]
    [InlineData("""{"a":""", "cannot be read")]
    public void A_file_that_contradicts_itself_is_refused(string header, string expected)
    {
        using var folder = new TemporaryFolder();
        var path = Craft(folder, header, new byte[8]);
        var error = Assert.Throws<DeviseInputException>(() => Safetensors.Read(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_file_is_refused_at_every_length()
    {
        using var folder = new TemporaryFolder();
        Safetensors.Write(folder["w"], [("a", new([2], [1, 2]))]);
        var whole = File.ReadAllBytes(folder["w"]);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(folder["cut"], whole[..length]);
            Assert.Throws<DeviseInputException>(() => Safetensors.Read(folder["cut"]));
        }
    }

    [Fact]
    public void A_header_length_beyond_the_file_allocates_nothing()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["w"], [0, 0, 0, 5, 0, 0, 0, 0, (byte)'{', (byte)'}']);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<DeviseInputException>(() => Safetensors.Read(folder["w"]));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Nothing_is_left_of_a_write_that_fails()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["w"]);
        Assert.ThrowsAny<Exception>(() => Safetensors.Write(folder["w"], [("a", new([1], [1]))]));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    private static string Craft(TemporaryFolder folder, string header, byte[] data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(folder["crafted.safetensors"], [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. data]);
        return folder["crafted.safetensors"];
    }
}

using System.IO.Compression;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;

namespace MLNet.Devise.Training.Tests.Backbones.Pth;

/// <summary>Files that try something. Each must fail with a message, soon, and without memory that its size does not justify.</summary>
public sealed class HostileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("os", "system"), InlineData("posix", "system"), InlineData("nt", "system"), InlineData("builtins", "eval"), InlineData("__builtin__", "eval")]
    [InlineData("builtins", "exec"), InlineData("builtins", "getattr"), InlineData("subprocess", "Popen"), InlineData("pickle", "loads")]
    [InlineData("torch.storage", "_load_from_bytes"), InlineData("torch", "load"), InlineData("torch._utils", "_rebuild_tensor_v3"), InlineData("System.Diagnostics", "Process.Start")]
    public void A_name_that_could_run_code_is_refused(string module, string name)
    {
        byte[][] pickles =
        [
            new PickleBytes().Global(module, name).Op("(").Text("echo pwned").Op("tR").End(),
            new PickleBytes().Text(module).Text(name).Op("\x93").End(), // protocol 4
            new PickleBytes().Op("}").Text("w").Global(module, name).Op("s").End(), // named, never called
        ];
        foreach (var pickle in pickles)
        {
            Refused(Containers.Legacy(_folder, pickle), $"asks for '{module}.{name}', which is refused");
            Refused(Containers.Zip(_folder, pickle), $"asks for '{module}.{name}', which is refused");
        }
    }

    [Fact]
    public void A_name_cannot_paint_on_the_terminal() =>
        Refused(Containers.Zip(_folder, new PickleBytes().Global("os\x1b[2J", "x" + new string('y', 900)).End()), "asks for 'os??2J.xyyy");

    /// <summary>OBJ, INST, NEWOBJ, NEWOBJ_EX, EXT1, PERSID, DUP, BINBYTES8: more ways to make things, none of which weights need.</summary>
    [Theory]
    [InlineData("o"), InlineData("ios\nsystem\n"), InlineData("\x81"), InlineData("\x92"), InlineData("\x82\x01"), InlineData("Px\n"), InlineData("2"), InlineData("\x8e")]
    public void Other_opcodes_are_refused(string opcodes) => Refused(Containers.Legacy(_folder, new PickleBytes().Op("((").Op(opcodes).End()), "which weights do not need");

    [Theory]
    [InlineData("R"), InlineData("NNR"), InlineData("NQ"), InlineData("Nb"), InlineData("NNs"), InlineData("}(Nu"), InlineData("t"), InlineData("(\x85"), InlineData("a"), InlineData("h\x05"), InlineData("q\x05"), InlineData(""), InlineData("NN"), InlineData(")")]
    [InlineData("X\xff\xff\xff\xff"), InlineData("X\x00\x00\x00\x7f"), InlineData("NN\x93")]
    public void A_machine_that_is_fed_nonsense_says_so(string opcodes) => Refused(Containers.Zip(_folder, new PickleBytes().Op(opcodes).End()), "");

    [Fact]
    public void References_to_references_are_never_followed()
    {
        // Thirty lists, each of ten times the one before: 10^30 things to whoever walks them.
        var laughs = new PickleBytes().Op("}(").Text("lol").Op("(]q\x00");
        for (var i = 0; i < 30; i++) laughs.Op("](").Op(string.Concat(Enumerable.Repeat($"h{(char)i}", 10))).Op($"eq{(char)(i + 1)}");
        laughs.Op("t").Text("w").Tensor("0", 2, 0, [2], [1]).Op("u");
        Assert.Equal([1f, 2f], WeightsFile.Read(Containers.Zip(_folder, laughs.End(), ("data/0", Containers.Floats(1, 2))))["w"].Values);
    }

    [Theory]
    [InlineData("}", 5_000_000, "more than")] // an object a byte
    [InlineData("(", 5_000_000, "more than 10000 marks")]
    [InlineData("]}a", 2_000_000, "more than")]
    [InlineData("K\x01\x85", 2_000_000, "more than")]
    public void Few_bytes_make_no_mountain(string opcodes, int times, string expected) =>
        Refused(Containers.Zip(_folder, new PickleBytes().Op(string.Concat(Enumerable.Repeat(opcodes, times))).End()), expected);

    [Fact]
    public void The_memo_is_bounded()
    {
        var pickle = new PickleBytes().Op("]");
        for (var i = 0; i < 1_000_000; i++) pickle.Op("r").Raw(BitConverter.GetBytes(i));
        Refused(Containers.Zip(_folder, pickle.End()), "more than 200000 remembered values");
    }

    [Fact]
    public void A_list_that_grows_in_its_place_is_bounded()
    {
        var pickle = new PickleBytes().Op("]");
        for (var i = 0; i < 2_000; i++) pickle.Op("(").Op(new string('}', 1000)).Op("e");
        Refused(Containers.Zip(_folder, pickle.End()), "more than 200000 values");
    }

    [Fact]
    public void A_list_copied_again_and_again_counts_each_time()
    {
        var pickle = new PickleBytes().Op("](").Op(string.Concat(Enumerable.Repeat("K\x01K\x02\x86", 9_000))).Op("eq\x00").Global("collections", "OrderedDict").Op("q\x01\x85]");
        for (var i = 0; i < 1_000; i++) pickle.Op("h\x01h\x00\x85Ra");
        Refused(Containers.Zip(_folder, pickle.End()), "more than 200000 values");
    }

    [Theory]
    [InlineData(1L << 40, 0, 1, 1, "claims 1099511627776 numbers")]
    [InlineData(-1, 0, 1, 1, "claims -1 numbers")]
    [InlineData(long.MaxValue, 0, 1, 1, "claims 9223372036854775807 numbers")]
    [InlineData(2, 0, 3, 1, "reaches beyond it")]
    [InlineData(2, 1, 2, 1, "reaches beyond it")]
    [InlineData(2, -1, 1, 1, "impossible")]
    [InlineData(2, 3, 0, 1, "impossible")]
    [InlineData(2, 0, -1, 1, "impossible")]
    [InlineData(2, 0, 2, -1, "impossible")]
    [InlineData(2, 0, 2, long.MaxValue, "reaches beyond it")]
    [InlineData(2, long.MaxValue, 2, long.MaxValue, "impossible")]
    [InlineData(2, 0, long.MaxValue, long.MaxValue, "reaches beyond it")]
    [InlineData(2, 0, 1L << 40, 0, "takes numbers twice")] // one number, repeated
    [InlineData(2, 0, long.MaxValue, 1, "reaches beyond it")]
    public void A_view_that_is_none_is_refused(long count, long offset, long size, long stride, string expected)
    {
        var pickle = PickleBytes.OneTensor(count, offset, [size], [stride]);
        Refused(Containers.Legacy(_folder, pickle, 1, 2), expected);
        Refused(Containers.Zip(_folder, pickle, ("data/0", Containers.Floats(1, 2))), expected);
    }

    [Theory]
    [InlineData(new long[] { 2, 2 }, new long[] { 1, 1 }, "takes numbers twice")]
    [InlineData(new long[] { 3, 2 }, new long[] { 1, 2 }, "takes numbers twice")]
    [InlineData(new long[] { 2, 2 }, new long[] { 2 }, "as many strides as sizes")]
    [InlineData(new long[] { 1L << 32, 1L << 32, 1L << 32, 1L << 32 }, new long[] { 1L << 62, 1L << 61, 1L << 60, 1L << 59 }, "reaches beyond it")]
    [InlineData(new long[] { 2, long.MaxValue, long.MaxValue }, new long[] { long.MaxValue, 0, 0 }, "takes numbers twice")]
    [InlineData(new long[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, new long[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, "as many strides as sizes")]
    public void Overlapping_and_overflowing_axes_are_refused(long[] shape, long[] strides, string expected) =>
        Refused(Containers.Legacy(_folder, PickleBytes.OneTensor(4, 0, shape, strides), 1, 2, 3, 4), expected);

    [Fact]
    public void Many_views_of_one_storage_must_not_add_up_to_more_than_the_file()
    {
        var pickle = new PickleBytes().Op("}");
        for (var i = 0; i < 200; i++) pickle.Text($"w{i}").Tensor("0", 100_000, i, [90_000], [1]).Op("s");
        Refused(Containers.Legacy(_folder, pickle.End(), new float[100_000]), "take more than the file's");
    }

    [Fact]
    public void A_shape_that_is_huge_but_empty_costs_nothing() =>
        Assert.Empty(WeightsFile.Read(Containers.Legacy(_folder, PickleBytes.OneTensor(1, 0, [long.MaxValue, 0, long.MaxValue], [1, 1, 1]), 1))["w"].Values);

    [Fact]
    public void A_zip_that_disagrees_with_its_pickle_or_is_compressed_is_refused()
    {
        var pickle = PickleBytes.OneTensor(2, 0, [2], [1]);
        Refused(Containers.Zip(_folder, pickle, ("data/0", Containers.Floats(1))), "storage '0' has 4 bytes, expected 8");
        Refused(Containers.Zip(_folder, pickle, ("data/1", Containers.Floats(1, 2))), "storage '0' is not in it");
        Refused(Containers.Zip(_folder, pickle, CompressionLevel.Optimal, ("data/0", new byte[50_000_000])), "is compressed");
        Refused(Containers.Zip(_folder, pickle, ("data/0", Containers.Floats(1, 2)), ("x/data.pkl", pickle)), "more than one data.pkl");
        Refused(Containers.Zip(_folder, pickle, ("data/0", Containers.Floats(1, 2)), ("byteorder", "big   "u8.ToArray())), "not little-endian");
    }

    [Fact]
    public void A_changed_number_in_a_zip_is_noticed()
    {
        var path = Containers.Zip(_folder, PickleBytes.OneTensor(2, 0, [2], [1]), ("data/0", Containers.Floats(1, 123.456f)));
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf(BitConverter.GetBytes(123.456f))] ^= 1;
        File.WriteAllBytes(path, bytes);
        Refused(path, "does not match its checksum");
    }

    [Fact]
    public void Strange_safetensors_headers_are_refused()
    {
        Refused(Header("{\"a\":" + new string('[', 100_000)), "its header cannot be read");
        Refused(Header("{\"a\":{\"shape\":[" + string.Join(',', Enumerable.Repeat("0", 5_000_000)) + "]}}"), "more than 16 numbers");
        Refused(Header("{" + string.Join(',', Enumerable.Range(0, 30_000).Select(i => $$"""
            "{{i}}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}
            """)) + "}"), "more than 20000 tensors");
        Refused(Header("{\"" + new string('a', 5_000_000) + "\":1}"), "a name of 5000000 bytes");

        string Header(string json)
        {
            File.WriteAllBytes(_folder["w"], [.. BitConverter.GetBytes((long)json.Length), .. json.Select(c => (byte)c)]);
            return _folder["w"];
        }
    }

    public void Dispose() => _folder.Dispose();

    private static void Refused(string path, string expected)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<DeviseInputException>(() => WeightsFile.Read(path));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\x1b', error.Message);
        Assert.True(allocated < 2 * new FileInfo(path).Length + (48 << 20), $"{allocated:N0} bytes allocated for a file of {new FileInfo(path).Length:N0}");
    }
}

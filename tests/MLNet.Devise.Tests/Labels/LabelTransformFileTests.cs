using System.Buffers.Binary;
using System.Text;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Tests.Labels;

public sealed class LabelTransformFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["t.safetensors"];

    [Theory]
    [InlineData(true), InlineData(false)]
    public void What_is_written_reads_back_exactly(bool identity)
    {
        var random = new Random(1);
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        var written = new LabelTransform(new() { Kind = identity ? LabelTransformKind.Centre : LabelTransformKind.Whiten, Components = 7, Strength = 0.35, Words = 12345 }, 678, Numbers(11), identity ? null : Numbers(121));
        LabelTransformFile.Write(Path, written);
        var read = LabelTransformFile.Read(Path);
        Assert.Equal((written.Options, 678, 11), (read.Options, read.FittedWords, read.Dimension));
        Assert.Equal(written.Mean.ToArray(), read.Mean.ToArray());
        Assert.Equal(written.Map.ToArray(), read.Map.ToArray());
    }

    [Fact]
    public void The_same_words_give_the_same_file()
    {
        var vectors = _folder.Write("v.vec", "4 2\na 1 2\nb 2 1\nc -3 4\nd 0 1\n");
        LabelTransformFile.Write(Path, LabelTransform.Fit(vectors, new() { Kind = LabelTransformKind.Whiten })!);
        LabelTransformFile.Write(_folder["again"], LabelTransform.Fit(vectors, new() { Kind = LabelTransformKind.Whiten })!);
        Assert.Equal(File.ReadAllBytes(Path), File.ReadAllBytes(_folder["again"]));
    }

    [Theory]
    [InlineData("{}", 0, "not a label transform")]
    [InlineData("[1]", 0, "not a label transform")]
    [InlineData("{\"mean\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0, "shape [0]")]
    [InlineData("{\"mean\":{\"dtype\":\"F32\",\"shape\":[99999],\"data_offsets\":[0,8]}}", 8, "shape [99999]")]
    [InlineData("{\"mean\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "a tensor F64 [2] [0,8], expected F32 [2] [0,8]")]
    [InlineData("{\"mean\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 8, "expected F32 [2] [0,8]")]
    [InlineData("{\"mean\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"map\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[8,24]}}", 24, "expected F32 [2,2] [8,24]")]
    [InlineData("{\"mean\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 7, "7 bytes of values, its header says 8")]
    [InlineData("{\"mean\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "not a label transform")]
    [InlineData("{\"__metadata__\":{\"kind\":\"Spin\"},\"mean\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "not a label transform")]
    public void A_file_of_another_make_is_refused(string header, int bytes, string expected)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
        File.WriteAllBytes(Path, [.. prefix, .. Encoding.UTF8.GetBytes(header), .. new byte[bytes]]);
        Refused(expected);
    }

    [Fact]
    public void A_cut_off_a_strange_and_a_missing_file_are_refused()
    {
        Refused("no such file");
        File.WriteAllBytes(Path, [1, 2, 3]);
        Refused("not a label transform");
        File.WriteAllBytes(Path, [255, 255, 255, 255, 255, 255, 255, 255, 0]);
        Refused("a header of 18446744073709551615 bytes");
        LabelTransformFile.Write(Path, new(new() { Kind = LabelTransformKind.Centre }, 5, [1, float.NaN], null));
        Refused("not a finite number");
        LabelTransformFile.Write(Path, new(new() { Kind = LabelTransformKind.Whiten }, 5, [1, 2], [1, 0, 0, 1]));
        var whole = File.ReadAllBytes(Path);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(Path, whole[..length]);
            Assert.Throws<DeviseInputException>(() => LabelTransformFile.Read(Path));
        }
    }

    public void Dispose() => _folder.Dispose();

    private void Refused(string expected)
    {
        var error = Assert.Throws<DeviseInputException>(() => LabelTransformFile.Read(Path));
        Assert.StartsWith(Path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}

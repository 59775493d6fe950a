namespace MLNet.Devise.Training.Tests;

public sealed class TorchNativeTests
{
    [Fact]
    public void The_patch_leaves_anything_but_the_known_case_alone()
    {
        Assert.False(ElfPatch.TryLiftVersionDemand([]));
        Assert.False(ElfPatch.TryLiftVersionDemand(new byte[64]));
        var random = new Random(1);
        var noise = new byte[4096];
        for (var i = 0; i < 200; i++)
        {
            random.NextBytes(noise);
            ((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1]).CopyTo(noise);
            var before = noise.ToArray();
            Assert.False(ElfPatch.TryLiftVersionDemand(noise));
            Assert.Equal(before, noise);
        }
    }

    [Fact]
    public void The_shipped_library_is_the_known_case_and_only_a_few_bytes_of_a_copy_change()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
        if (!File.Exists(path)) path = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");
        Assert.SkipUnless(File.Exists(path), "TorchSharp's Linux library is not built into this test on this system");
        var before = File.ReadAllBytes(path);
        var patched = before.ToArray();
        Assert.True(ElfPatch.TryLiftVersionDemand(patched));
        Assert.InRange(before.Zip(patched).Count(pair => pair.First != pair.Second), 1, 8);
        TorchNative.Ensure();
        Assert.Equal(before, File.ReadAllBytes(path));
    }
}

namespace MLNet.Devise.Tests;

/// <summary>Real data for tests: <c>DEVISE_TEST_DATA</c>, else <c>../shared/data</c> beside the checkout. Tests that need it skip, and say so, where it is absent.</summary>
internal static class TestData
{
    private static readonly string? Root = Find();

    /// <summary>A path inside the data folder; skips the running test where the data is not there.</summary>
    public static string Require(params string[] path)
    {
        Assert.SkipUnless(Root is not null, "real test data is absent: set DEVISE_TEST_DATA, or put it at ../shared/data beside the checkout");
        var full = Path.Combine([Root!, .. path]);
        Assert.SkipUnless(File.Exists(full) || Directory.Exists(full), $"{Path.Combine(path)} is not in the test data");
        return full;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("DEVISE_TEST_DATA") is { Length: > 0 } named) return Directory.Exists(named) ? named : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "MLNet.Devise.sln")))
                return Path.Combine(folder.FullName, "..", "shared", "data") is var beside && Directory.Exists(beside) ? Path.GetFullPath(beside) : null;
        return null;
    }
}

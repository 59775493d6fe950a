namespace MLNet.Devise.Tests;

/// <summary>A folder of the machine's that tests of several processes install something into, once.</summary>
internal static class Installed
{
    /// <summary>The folder; <paramref name="install"/> fills it unless that was done before, and no other process does so at the same time.</summary>
    /// <returns>The folder, or why it could not be filled.</returns>
    public static async Task<(string Folder, string? Why)> OnceAsync(string name, Func<string, Task<string?>> install)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"devise-tests-{name}-{Environment.UserName}")).FullName;
        await using var held = await LockAsync(Path.Combine(folder, "lock"));
        var done = Path.Combine(folder, "installed");
        if (File.Exists(done)) return (folder, null);
        var why = await install(folder);
        if (why is null) await File.WriteAllTextAsync(done, "");
        return (folder, why);
    }

    private static async Task<FileStream> LockAsync(string path)
    {
        for (var tries = 0; ; tries++)
        {
            try { return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1); }
            catch (IOException) when (tries < 600) { await Task.Delay(200); }
        }
    }
}

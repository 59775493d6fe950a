using System.Runtime.CompilerServices;

namespace MLNet.Devise.Tests;

/// <summary>
/// Texts that somebody has read and approved: files in the folder <c>Approved</c> beside the test. What differs is left beside the approved
/// file as <c>.received.txt</c>; rename it to approve it.
/// </summary>
internal static class Approved
{
    public static void Matches(string name, string text, [CallerFilePath] string test = "")
    {
        var folder = Path.Combine(Path.GetDirectoryName(test)!, "Approved");
        var (approved, received) = (Path.Combine(folder, $"{name}.txt"), Path.Combine(folder, $"{name}.received.txt"));
        if (File.Exists(approved) && File.ReadAllText(approved) == text)
        {
            File.Delete(received);
            return;
        }
        Directory.CreateDirectory(folder);
        File.WriteAllText(received, text);
        Assert.Fail($"{received} differs from {approved}; compare them, and rename the first if it is right");
    }
}

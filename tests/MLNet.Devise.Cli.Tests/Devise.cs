using System.Diagnostics;

namespace MLNet.Devise.Cli.Tests;

/// <summary>The program as a shell sees it: a process of its own.</summary>
internal sealed record Devise(int ExitCode, string Output, string Error)
{
    /// <summary>Runs <c>devise</c> with these words.</summary>
    public static Devise Run(params string[] words)
    {
        using var process = Start(words);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    /// <summary>Starts <c>devise</c>; the caller reads what it says, waits for it or kills it.</summary>
    public static Process Start(params string[] words) => Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "devise.dll"), .. words])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["OMP_WAIT_POLICY"] = "PASSIVE", ["DOTNET_NOLOGO"] = "1" },
    })!;

    /// <summary>The one line that the program ended with.</summary>
    public string Complaint => Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.StartsWith("devise: ", StringComparison.Ordinal))["devise: ".Length..];
}

using System.Diagnostics;

namespace MLNet.Devise.Cli.Tests;

/// <summary>The program as a shell sees it: a process of its own.</summary>
internal sealed record Devise(int ExitCode, string Output, string Error)
{
    /// <summary>Runs <c>devise</c> with these words.</summary>
    public static Devise Run(params string[] words) => Finish(Start(words));

    /// <summary>The same with further variables in the environment.</summary>
    public static Devise Run(IReadOnlyDictionary<string, string> environment, string[] words) => Finish(Start(environment, words));

    /// <summary>Starts <c>devise</c>; the caller reads what it says, waits for it or kills it.</summary>
    public static Process Start(params string[] words) => Process.Start(Described(words))!;

    /// <summary>The same with further variables in the environment.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> environment, string[] words)
    {
        var start = Described(words);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>The one line that the program ended with.</summary>
    public string Complaint => Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.StartsWith("devise: ", StringComparison.Ordinal))["devise: ".Length..];

    private static ProcessStartInfo Described(string[] words) => new("dotnet", [Path.Combine(AppContext.BaseDirectory, "devise.dll"), .. words])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["OMP_WAIT_POLICY"] = "PASSIVE", ["DOTNET_NOLOGO"] = "1" },
    };

    private static Devise Finish(Process process)
    {
        using var _ = process;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}

using System.ComponentModel;
using System.Diagnostics;

namespace MLNet.Devise.Training.Tests;

/// <summary>Runs a command of the system.</summary>
internal static class SystemCommand
{
    /// <summary>Whether it is there and succeeds.</summary>
    public static bool Run(string program, params string[] words)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception) { return false; }
    }

    /// <summary>Mounts a small disk of its own, in memory, on a folder; false where that needs other rights or another system.</summary>
    public static bool MountSmallDisk(string folder) => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder);
}

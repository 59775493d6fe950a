namespace MLNet.Devise.Data;

/// <summary>Tells apart why a file could not be opened or written: .NET has one type for all, and the system's number in it.</summary>
internal static class FileFaults
{
    // Windows: ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION; EWOULDBLOCK of Linux and macOS.
    private static readonly int[] InUse = OperatingSystem.IsWindows() ? [32, 33] : OperatingSystem.IsMacOS() ? [35] : [11];
    // Windows: ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL, ERROR_CRC, ERROR_IO_DEVICE; ENOSPC, EDQUOT, EIO, ESTALE of macOS and Linux.
    private static readonly int[] Failing = OperatingSystem.IsWindows() ? [112, 39, 23, 1117] : OperatingSystem.IsMacOS() ? [28, 69, 5, 70] : [28, 122, 5, 116];

    /// <summary>Another process holds it.</summary>
    public static bool IsInUse(IOException e) => InUse.Contains(Number(e));

    /// <summary>No mistake of anybody's: the disk is full, over its quota or broken, or the server has gone.</summary>
    public static bool IsFailing(IOException e) => Failing.Contains(Number(e));

    private static int Number(IOException e) => OperatingSystem.IsWindows() ? e.HResult & 0xFFFF : e.HResult;
}

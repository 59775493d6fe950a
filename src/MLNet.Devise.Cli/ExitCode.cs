namespace MLNet.Devise.Cli;

/// <summary>What the program says to the shell.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int UserMistake = 2;
    /// <summary>More files could not be read than the user allowed: trying again would not help.</summary>
    public const int TooManyErrors = 3;
    /// <summary>Ctrl-C, as shells have it: 128 + SIGINT.</summary>
    public const int Cancelled = 130;
}

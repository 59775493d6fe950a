namespace MLNet.Devise;

/// <summary>
/// Something the user can put right: a file, folder, option or label that is not as expected. The message is one line that
/// says what was found, where, what was expected and what to do; the command line prints it alone and exits with code 2.
/// </summary>
public sealed class DeviseInputException : Exception
{
    /// <summary>An error without words; prefer the other constructors.</summary>
    public DeviseInputException() { }

    /// <param name="message">What was found, where, what was expected, what to do.</param>
    public DeviseInputException(string message) : base(message) { }

    /// <param name="message">What was found, where, what was expected, what to do.</param>
    /// <param name="innerException">The technical cause, shown with <c>--verbose</c>.</param>
    public DeviseInputException(string message, Exception innerException) : base(message, innerException) { }
}

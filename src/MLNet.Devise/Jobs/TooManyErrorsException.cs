namespace MLNet.Devise.Jobs;

/// <summary>A job stopped because more rows than <see cref="DeviseJobOptions.MaxErrors"/> could not be read. The parts finished before are kept.</summary>
public sealed class TooManyErrorsException : Exception
{
    /// <summary>An error without words; prefer the other constructors.</summary>
    public TooManyErrorsException() { }

    /// <param name="message">How many rows failed and the last one's reason.</param>
    public TooManyErrorsException(string message) : base(message) { }

    /// <param name="message">How many rows failed and the last one's reason.</param>
    /// <param name="innerException">The cause.</param>
    public TooManyErrorsException(string message, Exception innerException) : base(message, innerException) { }
}

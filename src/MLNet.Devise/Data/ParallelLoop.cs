using System.Runtime.ExceptionServices;

namespace MLNet.Devise.Data;

/// <summary>Loops on several threads whose errors are those of one: a mistake, a full disk or a caller's own exception reads as what it is.</summary>
internal static class ParallelLoop
{
    /// <summary>Calls <paramref name="body"/> with 0 to <paramref name="count"/> − 1, in any order; the first error ends the loop and is thrown as it was.</summary>
    public static void Run(int count, int threads, Action<int> body, CancellationToken cancellation = default)
    {
        try { Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, body); }
        catch (AggregateException errors) { ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]); }
    }
}

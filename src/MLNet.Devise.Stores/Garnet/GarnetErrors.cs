using Microsoft.Extensions.VectorData;
using StackExchange.Redis;

namespace MLNet.Devise.Stores;

/// <summary>What went wrong in Garnet: a node that is not there for now, or an answer that says no.</summary>
internal static class GarnetErrors
{
    // What a node says of a slot that is somewhere else or nowhere, and while it starts.
    private static readonly string[] Away = ["MOVED", "Key has MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN", "LOADING"];

    /// <summary>Whether a node did not answer, or could not for now: others may.</summary>
    public static bool IsAbsence(Exception error) => error switch
    {
        RedisServerException said => Array.Exists(Away, start => said.Message.StartsWith(start, StringComparison.Ordinal)),
        RedisException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Asks for something and waits, unless or until the caller gives up; what was asked for may still be done then.</summary>
    public static Task<T> WaitAsync<T>(Func<Task<T>> ask, CancellationToken cancellation) =>
        cancellation.IsCancellationRequested ? Task.FromCanceled<T>(cancellation) : ask().WaitAsync(cancellation);

    /// <summary>Runs a command; what the server refuses is told in its own words.</summary>
    /// <exception cref="VectorStoreException">The server refused it.</exception>
    public static async Task<RedisResult> AskAsync(this IDatabase database, string command, CancellationToken cancellation, params object[] arguments)
    {
        try { return await WaitAsync(() => database.ExecuteAsync(command, arguments), cancellation).ConfigureAwait(false); }
        catch (RedisServerException e) when (!IsAbsence(e))
        {
            var remedy = e.Message.Contains("unknown command", StringComparison.OrdinalIgnoreCase) || e.Message.Contains("not enabled", StringComparison.OrdinalIgnoreCase)
                ? "; start the server, Garnet 2 or newer, with --enable-vector-set-preview" : "";
            throw new VectorStoreException($"garnet: {command}: the server says '{e.Message}'{remedy}", e);
        }
    }
}

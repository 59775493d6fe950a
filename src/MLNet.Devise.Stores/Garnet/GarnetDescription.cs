using System.Globalization;
using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace MLNet.Devise.Stores;

/// <summary>What is noted with a collection, in the key <c>NAME:about</c>: over how many vector sets its images are spread, and their dimension. With another number part of them would not be looked at.</summary>
internal sealed partial class GarnetDescription(IDatabase database, GarnetOptions options, int dimension)
{
    private const int FirstShards = 32;

    private RedisKey Key => $"{options.Name}:about";

    // 0 until it was read or written.
    private volatile int _shards;

    public Task<bool> ExistsAsync(CancellationToken cancellation) => GarnetErrors.WaitAsync(() => database.KeyExistsAsync(Key), cancellation);

    /// <summary>Notes it, or checks that it is what was noted.</summary>
    /// <exception cref="DeviseInputException">Something else was noted.</exception>
    public async Task EnsureAsync(CancellationToken cancellation)
    {
        var shards = options.Shards ?? FirstShards;
        if (await GarnetErrors.WaitAsync(() => database.StringSetAsync(Key, Text(shards), when: When.NotExists), cancellation).ConfigureAwait(false)) _shards = shards;
        else await ReadAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>The number of vector sets.</summary>
    /// <exception cref="DeviseInputException">There are no images, or they were put in with other numbers.</exception>
    public async Task<int> ShardsAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_shards > 0) return _shards;
        try { return await ReadAsync(cancellation).ConfigureAwait(false); }
        // The node that has the note is lost: the others still answer, and are asked as the caller says; the note is read next time.
        catch (Exception e) when (GarnetErrors.IsAbsence(e) && options.Shards is not null) { return options.Shards.Value; }
    }

    public async Task DeleteAsync(CancellationToken cancellation)
    {
        await GarnetErrors.WaitAsync(() => database.KeyDeleteAsync(Key), cancellation).ConfigureAwait(false);
        _shards = 0;
    }

    private async Task<int> ReadAsync(CancellationToken cancellation)
    {
        var there = (string?)await GarnetErrors.WaitAsync(() => database.StringGetAsync(Key), cancellation).ConfigureAwait(false)
            ?? throw new DeviseInputException($"{options.Name}: no images under this name in Garnet, expected the name that they were put under");
        if (Noted().Match(there) is not { Success: true } noted || there != Text(options.Shards ?? int.Parse(noted.Groups[1].ValueSpan, CultureInfo.InvariantCulture)))
            throw new DeviseInputException($"{options.Name}: {there} in Garnet, expected {(options.Shards is { } shards ? Text(shards) : $"dimension={dimension}")}; name another, or the same numbers");
        return _shards = int.Parse(noted.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    private string Text(int shards) => string.Create(CultureInfo.InvariantCulture, $"shards={shards} dimension={dimension}");

    [GeneratedRegex("^shards=([1-9][0-9]{0,3}) ")]
    private static partial Regex Noted();
}

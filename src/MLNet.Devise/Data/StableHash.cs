using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace MLNet.Devise.Data;

/// <summary>Seeded 64-bit hashes that are the same on every machine and in every version, for splits and per-file randomness.</summary>
internal static class StableHash
{
    /// <summary>XXH3 of the UTF-16 code units of <paramref name="text"/> under <paramref name="seed"/>.</summary>
    public static ulong Of(string text, long seed) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()), seed);

    /// <summary>A seed for <see cref="Random"/> made of a run's seed and what the numbers are for.</summary>
    public static int Seed(long seed, string purpose) => (int)(Of(purpose, seed) & int.MaxValue);
}

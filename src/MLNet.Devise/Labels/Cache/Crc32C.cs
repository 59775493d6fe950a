using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Devise.Labels.Cache;

/// <summary>
/// CRC-32C (Castagnoli), which processors have an instruction for. Compiled at full optimisation at once: the tables of a million words are
/// checked in milliseconds by a process that has just begun, in which any other checksum would run as slow code still.
/// </summary>
internal static class Crc32C
{
    /// <summary>The checksum of bytes that come after others; 0 is that of none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Append(uint before, ReadOnlySpan<byte> bytes)
    {
        var crc = ~before;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var value in bytes[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}

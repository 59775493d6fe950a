using System.IO.Hashing;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Text.Unicode;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Labels.Cache;

/// <summary>Everything that must be true of a cache file, looked at before anything of it is used.</summary>
internal static class CacheCheck
{
    /// <summary>The header, alone and against the file's length.</summary>
    public static CacheLayout Header(MappedFile file)
    {
        if (file.Length < CacheLayout.HeaderBytes) throw Bad(file, $"{file.Length} bytes, too few for a header");
        var header = file.Span<byte>(0, CacheLayout.HeaderBytes);
        if (!header.StartsWith(CacheLayout.Magic)) throw Bad(file, "no vector cache");
        var version = file.Value<uint>(8);
        if (version != CacheLayout.Version) throw new DeviseInputException($"{file.Path}: a vector cache of version {version}, this program reads {CacheLayout.Version}; import the vectors again, or update MLNet.Devise");
        if (XxHash3.HashToUInt64(header[..CacheLayout.HashedHeader]) != file.Value<ulong>(CacheLayout.HashedHeader)) throw Bad(file, "its header does not match its checksum");
        var (precision, dimension, note) = (file.Value<uint>(12), file.Value<uint>(16), file.Value<uint>(20));
        var (count, names, ranked) = (file.Value<ulong>(24), file.Value<ulong>(32), file.Value<ulong>(40));
        if (precision > 1 || dimension is < 1 or > FormatSniffer.MaxDimension || note > CacheLayout.MaxNote || count is < 1 or > int.MaxValue - 1 || names > uint.MaxValue || ranked < count || ranked > uint.MaxValue)
            throw Bad(file, $"{count} words of {dimension} values, precision {precision}, {names} bytes of names: out of range");
        var layout = new CacheLayout((CachePrecision)precision, (int)dimension, (int)count, (uint)names, (int)note);
        return layout.Length == file.Length && file.Value<long>(48) == file.Length ? layout : throw Bad(file, $"{file.Length:N0} bytes, its header says {layout.Length:N0}: it is incomplete, or was added to");
    }

    /// <summary>All that comes after the rows: its checksum, and that every offset stays within.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tables(MappedFile file, CacheLayout layout)
    {
        if (Crc(file, layout.RowsEnd) != file.Value<ulong>(72)) throw Bad(file, "its tables do not match their checksum");
        // The checksum is no signature: whoever can write the file can make it fit.
        var starts = file.Span<uint>(layout.Starts, layout.Count + 1);
        var before = 0u;
        foreach (var start in starts)
        {
            if (start < before || start - before > int.MaxValue / 2) throw Bad(file, "names that overlap");
            before = start;
        }
        if (starts[0] != 0 || before != layout.NameBytes) throw Bad(file, "names that leave their place");
        foreach (var row in file.Span<uint>(layout.Order, layout.Count))
            if (row >= layout.Count) throw Bad(file, "an index that points outside");
    }

    /// <summary>The rows and what is said about them.</summary>
    public static void Rows(MappedFile file, CacheLayout layout, VectorCache cache, CancellationToken cancellation)
    {
        if (Hash(file, CacheLayout.Rows, layout.RowsEnd, cancellation) != file.Value<ulong>(64)) throw Bad(file, "its rows do not match their checksum");
        var (vector, ranked) = (new float[layout.Dimension], file.Value<ulong>(40));
        var inverses = file.Span<float>(layout.Inverses, layout.Count);
        for (var row = 0; row < layout.Count; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            cache.Read(row, vector);
            var inverse = cache.Inverse(row, vector);
            if (!Utf8.IsValid(cache.Name(row))) throw Bad(file, $"the name of row {row + 1} is no UTF-8");
            if (!TensorPrimitives.IsFiniteAll<float>(vector) || !(Math.Abs(inverses[row] - inverse) <= 1e-3f * inverse)) throw Bad(file, $"row {row + 1}: values that do not fit their length");
            if ((ulong)cache.Rank(row) >= ranked) throw Bad(file, $"row {row + 1}: rank {cache.Rank(row)} of {ranked}");
        }
        var order = file.Span<int>(layout.Order, layout.Count);
        for (var i = 1; i < order.Length; i++)
            if (cache.Name(order[i - 1]).SequenceCompareTo(cache.Name(order[i])) >= 0) throw Bad(file, "names that are out of order, or there twice");
    }

    private static uint Crc(MappedFile file, long from)
    {
        var crc = 0u;
        for (; from < file.Length; from += 1 << 22) crc = Crc32C.Append(crc, file.Span<byte>(from, (int)Math.Min(1 << 22, file.Length - from)));
        return crc;
    }

    private static ulong Hash(MappedFile file, long from, long to, CancellationToken cancellation)
    {
        var hash = new XxHash3();
        for (; from < to; from += 1 << 22)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.Append(file.Span<byte>(from, (int)Math.Min(1 << 22, to - from)));
        }
        return hash.GetCurrentHashAsUInt64();
    }

    private static DeviseInputException Bad(MappedFile file, string what) => new($"{file.Path}: a damaged vector cache: {what}; import the vectors again");
}

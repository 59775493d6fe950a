using System.Runtime.CompilerServices;
using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search.Graph;

/// <summary>
/// The graph of an <see cref="HnswIndex"/> (Malkov and Yashunin 2018) over the first rows of a table, as flat arrays of row numbers. A
/// list of links ends at −1 or at its length. Nothing here is trusted by those who walk it: a graph may come from a damaged file.
/// </summary>
internal sealed unsafe class LayeredGraph : IDisposable
{
    public const int MaxLevel = 15;

    public LayeredGraph(int m) : this(m, new(2 * m * sizeof(int)), new(sizeof(int)), new(m * sizeof(int))) { }

    public LayeredGraph(int m, RowChunks ground, RowChunks first, RowChunks upper) => (M, Ground, First, Upper) = (m, ground, first, upper);

    /// <summary>Links a row on upper layers, half of those on the lowest.</summary>
    public int M { get; }

    /// <summary>Rows that were linked, or left out for good.</summary>
    public int Rows { get; set; }

    /// <summary>Where searches begin; −1 in an empty graph.</summary>
    public int Entry { get; set; } = -1;

    /// <summary>The entry's layer.</summary>
    public int Top { get; set; }

    /// <summary>Links of the lowest layer, a record a row.</summary>
    public RowChunks Ground { get; }

    /// <summary>The first of a row's records in <see cref="Upper"/>, or −1.</summary>
    public RowChunks First { get; }

    /// <summary>Links of upper layers: a row's records, layer 1 first.</summary>
    public RowChunks Upper { get; }

    /// <summary>Rows with exactly the same vector as a linked one, which stands for them.</summary>
    public Dictionary<int, int[]> Twins { get; set; } = [];

    /// <summary>Linked rows that no walk from the entry reaches; searches look at each.</summary>
    public int[] Loose { get; set; } = [];

    /// <summary>Rows that were linked since it was last looked whether all of them are reached; of a file, nobody knows.</summary>
    public int Unchecked { get; set; } = int.MaxValue;

    /// <summary>Most links of a list.</summary>
    public int Capacity(int layer) => layer == 0 ? 2 * M : M;

    /// <summary>A row's links on a layer; null where it has none there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* Links(int row, int layer)
    {
        if (layer == 0) return (int*)Ground.Row(row);
        var record = *(int*)First.Row(row) is var first && first < 0 ? -1 : first + layer - 1;
        return (uint)record < (uint)Upper.Rows ? (int*)Upper.Row(record) : null;
    }

    /// <summary>The rows that a row links to on a layer.</summary>
    public ReadOnlySpan<int> Neighbours(int row, int layer)
    {
        if (Links(row, layer) is var links && links is null) return [];
        var list = new ReadOnlySpan<int>(links, Capacity(layer));
        return list.IndexOf(-1) is >= 0 and var end ? list[..end] : list;
    }

    /// <summary>Rows that are linked, not twins of others or left out.</summary>
    public int CountLinked()
    {
        var linked = 0;
        // The only linked row has nobody to link to.
        for (var row = 0; row < Rows; row++)
            if (row == Entry || *(int*)Ground.Row(row) >= 0) linked++;
        return linked;
    }

    /// <summary>The layer of a row, by its number: geometric with mean 1 ÷ ln M, equation of section 4.1.</summary>
    public static int Level(long seed, int row, int m)
    {
        var unit = ((Mix((ulong)seed * 0x9E3779B97F4A7C15 + (uint)row) >> 11) + 1) * (1.0 / (1ul << 53));
        return (int)Math.Min(MaxLevel, -Math.Log(unit) / Math.Log(m));
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood 2014).</summary>
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
        x = (x ^ x >> 27) * 0x94D049BB133111EB;
        return x ^ x >> 31;
    }

    /// <summary>A copy that can be extended while this is searched.</summary>
    public LayeredGraph Clone() => new(M, Ground.Clone(), First.Clone(), Upper.Clone()) { Rows = Rows, Entry = Entry, Top = Top, Twins = new(Twins), Loose = Loose, Unchecked = Unchecked };

    public void Dispose()
    {
        Ground.Dispose();
        First.Dispose();
        Upper.Dispose();
    }
}

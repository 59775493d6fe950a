using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using MLNet.Devise.Data;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Labels.Cache;

/// <summary>Writes a cache as rows come: only names and a few numbers a word are kept in memory.</summary>
internal sealed class CacheWriter
{
    private readonly Stream _stream;
    private readonly CachePrecision _precision;
    private readonly int _dimension;
    private readonly XxHash3 _rowHash = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<byte[]> _names = [];
    private readonly List<float> _inverses = [], _scales = [];
    private readonly List<uint> _ranks = [];
    private readonly sbyte[] _codes;
    private uint _tableCrc;

    private CacheWriter(Stream stream, CachePrecision precision, int dimension) => (_stream, _precision, _dimension, _codes) = (stream, precision, dimension, new sbyte[dimension]);

    /// <summary>Copies a word-vector file of any kind into a cache, which appears whole or not at all.</summary>
    /// <param name="reader">The file, at its beginning.</param>
    /// <param name="path">The cache.</param>
    /// <param name="precision">How values are stored.</param>
    /// <param name="progress">Called with the rows read now and then.</param>
    /// <param name="cancellation">Stops; nothing is left.</param>
    /// <returns>Words written.</returns>
    /// <exception cref="DeviseInputException">No such precision, a bad file, or no word in it.</exception>
    public static int Write(VectorReader reader, string path, CachePrecision precision, Action<long>? progress, CancellationToken cancellation)
    {
        if (!Enum.IsDefined(precision)) throw new DeviseInputException($"precision: {precision}, expected fp32 or int8");
        var words = 0;
        WholeFile.Write(path, stream =>
        {
            stream.Position = CacheLayout.HeaderBytes;
            var writer = new CacheWriter(stream, precision, reader.Dimension);
            while (reader.TryRead(out var batch))
            {
                cancellation.ThrowIfCancellationRequested();
                for (var i = 0; i < batch.Count; i++)
                    if (!writer.TryAdd(batch.Word(i), batch.Vector(i), (uint)Math.Min(batch.Rank(i), uint.MaxValue - 1))) reader.Problems.AddDuplicate(batch.Word(i), batch.Rank(i));
                progress?.Invoke(reader.Rows);
            }
            words = writer._names.Count;
            if (words == 0) throw new DeviseInputException($"{reader.Path}: none of the words wanted is in it");
            writer.Finish($"{Path.GetFileName(reader.Path)}, {reader.Shape.Name}", Math.Max(reader.RankedWords, writer._ranks.Max() + 1L));
        });
        return words;
    }

    private bool TryAdd(string word, ReadOnlySpan<float> vector, uint rank)
    {
        if (!_seen.Add(word)) return false;
        _names.Add(Encoding.UTF8.GetBytes(word));
        _ranks.Add(rank);
        if (_precision == CachePrecision.Fp32)
        {
            _inverses.Add(RowInverse.Of(vector));
            Rows(MemoryMarshal.AsBytes(vector));
        }
        else
        {
            var scale = TensorPrimitives.MaxMagnitude(vector) is var largest && largest != 0 ? Math.Abs(largest) / 127 : 0;
            // Rounded up, the largest value there is would come back as infinity.
            if (!float.IsFinite(127 * scale)) scale = MathF.BitDecrement(scale);
            for (var i = 0; i < vector.Length; i++) _codes[i] = scale > 0 ? (sbyte)Math.Clamp(MathF.Round(vector[i] / scale), -127, 127) : (sbyte)0;
            _scales.Add(scale);
            _inverses.Add(RowInverse.Of(_codes, scale));
            Rows(MemoryMarshal.AsBytes(_codes.AsSpan()));
        }
        return true;
    }

    private void Rows(ReadOnlySpan<byte> row)
    {
        _rowHash.Append(row);
        _stream.Write(row);
    }

    private void Finish(string note, long ranked)
    {
        var noteBytes = Encoding.UTF8.GetBytes(note);
        if (noteBytes.Length > CacheLayout.MaxNote) noteBytes = [];
        var starts = new uint[_names.Count + 1];
        for (var i = 0; i < _names.Count; i++) starts[i + 1] = checked(starts[i] + (uint)_names[i].Length);
        var layout = new CacheLayout(_precision, _dimension, _names.Count, starts[^1], noteBytes.Length);
        var order = Enumerable.Range(0, _names.Count).ToArray();
        order.AsSpan().Sort((a, b) => _names[a].AsSpan().SequenceCompareTo(_names[b]));

        Table(layout.Inverses, CollectionsMarshal.AsSpan(_inverses));
        if (_precision == CachePrecision.Int8) Table(layout.Scales, CollectionsMarshal.AsSpan(_scales));
        Table(layout.Ranks, CollectionsMarshal.AsSpan(_ranks));
        Table<uint>(layout.Starts, starts);
        Table<int>(layout.Order, order);
        Table<byte>(layout.Names, []);
        foreach (var name in _names) Write(name);
        Table<byte>(layout.Note, noteBytes);
        Header(layout, ranked);
    }

    private void Header(CacheLayout layout, long ranked)
    {
        Span<byte> header = stackalloc byte[CacheLayout.HeaderBytes];
        header.Clear();
        CacheLayout.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], CacheLayout.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], (uint)_precision);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], (uint)_dimension);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)layout.NoteBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], layout.Count);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], layout.NameBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], ranked);
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], layout.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[64..], _rowHash.GetCurrentHashAsUInt64());
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], _tableCrc);
        BinaryPrimitives.WriteUInt64LittleEndian(header[CacheLayout.HashedHeader..], XxHash3.HashToUInt64(header[..CacheLayout.HashedHeader]));
        _stream.Position = 0;
        _stream.Write(header);
    }

    private void Table<T>(long at, ReadOnlySpan<T> values) where T : unmanaged
    {
        Write(stackalloc byte[(int)(at - _stream.Position)]);
        Write(MemoryMarshal.AsBytes(values));
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _tableCrc = Crc32C.Append(_tableCrc, bytes);
        _stream.Write(bytes);
    }
}

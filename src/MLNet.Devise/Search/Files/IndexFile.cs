using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Search.Graph;
using MLNet.Devise.Search.Kernels;
using MLNet.Devise.Search.Storage;

namespace MLNet.Devise.Search.Files;

/// <summary>
/// Reads and writes index files. Opening checks the frame, the header, the sizes of all sections against each other, and the checksums of
/// the small ones; what is left mapped is checked where it is used.
/// </summary>
internal static unsafe class IndexFile
{
    private const long MaxHeaderBytes = 64 << 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Whether a file begins as index files do.</summary>
    public static bool IsIndex(string path)
    {
        if (!File.Exists(path)) return false;
        Span<byte> start = stackalloc byte[8];
        using var file = OpenRead(path);
        return file.ReadAtLeast(start, 8, throwOnEndOfStream: false) == 8 && start.SequenceEqual(IndexLayout.Magic);
    }

    private static FileStream OpenRead(string path)
    {
        try { return File.OpenRead(path); }
        catch (UnauthorizedAccessException e) { throw new DeviseInputException($"{path}: cannot be read: {e.Message}", e); }
    }

    /// <summary>What an index file is known by, 16 hexadecimal digits that change with any of its content.</summary>
    public static string Identity(string path)
    {
        using var file = File.OpenRead(path);
        var frame = new byte[IndexLayout.FrameBytes];
        file.ReadExactly(frame);
        return Convert.ToHexStringLower(frame, IndexLayout.TableHash, sizeof(ulong));
    }

    /// <param name="index">The index.</param>
    /// <param name="path">Its file.</param>
    /// <param name="written">Called with the whole file aside, before it takes its place.</param>
    public static void Save(VectorIndex index, string path, Action<string>? written = null)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(Header(index, path), Json);
        if (header.Length > MaxHeaderBytes)
            throw new DeviseInputException($"{path}: the names of {index.Model!.Labels.Names.Count:N0} labels and where they come from take {header.Length:N0} bytes, an index holds {MaxHeaderBytes:N0}; set a Model with fewer labels");
        WholeFile.Write(path, stream => Write(index, header, new(stream)), written: written);
    }

    private static void Write(VectorIndex index, byte[] header, IndexWriter writer)
    {
        var (table, state) = (index.Rows, index.State);
        writer.Begin();
        writer.Section<byte>(IndexSection.Header, header);
        WriteIds(writer, table.Ids, state);
        writer.Section(IndexSection.Vectors, table.Vectors, state.Rows);
        if (table.Codes is not null) writer.Section(IndexSection.Codes, table.Codes, state.Rows);
        if (state.Removed.Count > 0) writer.Section(IndexSection.Removed, state.Removed.Words);
        if (index.Model is { } model) writer.Section(IndexSection.LabelVectors, model.Labels.Vectors);
        if (state.Graph is { } graph)
        {
            writer.Section(IndexSection.Ground, graph.Ground, state.Rows);
            writer.Section(IndexSection.First, graph.First, state.Rows);
            writer.Section(IndexSection.Upper, graph.Upper, graph.Upper.Rows);
            writer.Section<int>(IndexSection.Twins, [.. graph.Twins.OrderBy(twins => twins.Key).SelectMany(twins => twins.Value.SelectMany(row => (int[])[twins.Key, row]))]);
            writer.Section<int>(IndexSection.Loose, graph.Loose);
        }
        writer.End();
    }

    public static VectorIndex Open(string path, IndexOpenOptions options)
    {
        if (!File.Exists(path)) throw new DeviseInputException(Directory.Exists(path) ? $"{path}: a folder, expected an index file" : $"{path}: no such index file");
        IndexBytes? bytes = null;
        try
        {
            bytes = new(path, options.Loading == IndexLoading.Whole);
            return Open(path, bytes, options);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || e is IOException fault && !FileFaults.IsFailing(fault))
        {
            bytes?.Dispose();
            throw new DeviseInputException($"{path}: cannot be read: {e.Message}", e);
        }
        catch
        {
            bytes?.Dispose();
            throw;
        }
    }

    private static VectorIndex Open(string path, IndexBytes bytes, IndexOpenOptions options)
    {
        var layout = new IndexLayout(path, bytes);
        if (options.Verify) layout.CheckAll();
        var header = ReadHeader(path, layout);
        var (rows, resident) = (header.Rows, options.Loading == IndexLoading.Resident);
        var vectorStride = VectorTable.Padded(header.Dimension) * sizeof(float);
        RowChunks Rows(IndexSection section, int count, int stride, bool copy) => Chunks(layout.Section(section, (long)count * stride), count, stride, copy, bytes);

        var vectors = Rows(IndexSection.Vectors, rows, vectorStride, resident && header.Storage == VectorStorage.Fp32);
        var codes = header.Storage == VectorStorage.Int8 ? Rows(IndexSection.Codes, rows, CodeRow.Stride(header.Dimension), resident) : null;
        var slots = StoredIds.SlotsFor(rows);
        var ids = new StoredIds(path, bytes, rows, (long*)layout.Section(IndexSection.IdOffsets, (rows + 1L) * sizeof(long)),
            layout.Section(IndexSection.IdBytes, layout.Length(IndexSection.IdBytes)), layout.Length(IndexSection.IdBytes), (int*)layout.Section(IndexSection.IdSlots, (long)slots * sizeof(int)), slots);
        var removed = layout.Has(IndexSection.Removed) ? new RowBits(layout.Copy<ulong>(IndexSection.Removed, (rows + 63L) / 64 * 8)) : RowBits.None;
        var graph = header.Kind == VectorIndexKind.Hnsw
            ? new LayeredGraph(header.M, Rows(IndexSection.Ground, rows, 2 * header.M * sizeof(int), resident), Rows(IndexSection.First, rows, sizeof(int), resident), Rows(IndexSection.Upper, header.UpperRecords, header.M * sizeof(int), resident))
            {
                Rows = rows, Entry = header.Entry, Top = header.Top, Twins = ReadTwins(layout, rows), Loose = ReadLoose(layout, rows),
            }
            : null;
        var table = new VectorTable(header.Dimension, vectors, codes, new(ids), header.Lost, bytes);
        var built = new VectorIndexOptions { Kind = header.Kind, Storage = header.Storage, M = header.M, EfConstruction = header.EfConstruction, Ef = header.Ef, Seed = header.Seed };
        var index = VectorIndex.Over(table, built, removed, graph, null, CancellationToken.None);
        index.Model = ReadModel(path, layout, header);
        if (!options.Verify) index.Unverified = layout.CheckAll;
        return index;
    }

    private static RowChunks Chunks(byte* start, int rows, int stride, bool copy, IndexBytes bytes)
    {
        if (!copy) return new(start, rows, stride, bytes);
        using var there = new RowChunks(start, rows, stride, bytes);
        return there.Clone();
    }

    private static IndexHeader Header(VectorIndex index, string path)
    {
        var (options, graph, model) = (index.Options, index.State.Graph, index.Model);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new()
        {
            Dimension = index.Dimension, Rows = index.State.Rows, Kind = options.Kind, Storage = options.Storage, M = options.M, EfConstruction = options.EfConstruction, Ef = options.Ef, Seed = options.Seed,
            Lost = index.Rows.Lost, Entry = graph?.Entry ?? -1, Top = graph?.Top ?? 0, UpperRecords = graph?.Upper.Rows ?? 0,
            Bundle = model?.Bundle, BundleFromHere = model is null ? null : Path.GetRelativePath(folder, model.Bundle), Sha256 = model?.Sha256, WordVectors = model?.Vectors, Labels = model is null ? null : [.. model.Labels.Names],
        };
    }

    private static void WriteIds(IndexWriter writer, IdColumn ids, IndexState state)
    {
        var (offsets, slots) = (new long[state.Rows + 1], new int[StoredIds.SlotsFor(state.Rows)]);
        Array.Fill(slots, -1);
        for (var row = 0; row < state.Rows; row++)
        {
            var id = ids.Utf8(row);
            offsets[row + 1] = offsets[row] + id.Length;
            if (state.Removed[row]) continue;
            var slot = StoredIds.Slot(id, slots.Length);
            while (slots[slot] >= 0) slot = slot + 1 & slots.Length - 1;
            slots[slot] = row;
        }
        writer.Section<long>(IndexSection.IdOffsets, offsets);
        writer.Section(IndexSection.IdBytes, Enumerable.Range(0, state.Rows).Select(ids.Utf8));
        writer.Section<int>(IndexSection.IdSlots, slots);
    }

    private static IndexHeader ReadHeader(string path, IndexLayout layout)
    {
        IndexHeader? header;
        try { header = JsonSerializer.Deserialize<IndexHeader>(layout.Copy<byte>(IndexSection.Header, MaxHeaderBytes), Json); }
        catch (JsonException e) { throw new DeviseInputException($"{path}: its header is not as expected: {e.Message}: the index is damaged; build it again", e); }
        if (header is null || header.Dimension is < 1 or > NewVectors.MaxDimension || header.Rows is < 0 or > RowChunks.MaxRows || header.UpperRecords is < 0 or > RowChunks.MaxRows
            || header.M is < 4 or > 64 || header.EfConstruction is < 8 or > 4096 || header.Ef is < 1 or > HnswIndex.MaxEf || header.Kind is not (VectorIndexKind.Exact or VectorIndexKind.Hnsw)
            || !(header.Lost >= 0 && float.IsFinite(header.Lost)) || header.Entry < -1 || header.Entry >= header.Rows || header.Top is < 0 or > LayeredGraph.MaxLevel)
            throw layout.Damaged("its header has values out of range");
        return header;
    }

    private static Dictionary<int, int[]> ReadTwins(IndexLayout layout, int rows)
    {
        var pairs = layout.Copy<int>(IndexSection.Twins, rows * 2L * sizeof(int));
        foreach (var row in pairs)
            if ((uint)row >= (uint)rows) throw layout.Damaged($"vector {row} of {rows} is a twin");
        if (pairs.Length % 2 != 0) throw layout.Damaged("a twin is alone");
        return pairs.Chunk(2).GroupBy(pair => pair[0]).ToDictionary(group => group.Key, group => group.Select(pair => pair[1]).ToArray());
    }

    private static int[] ReadLoose(IndexLayout layout, int rows)
    {
        var loose = layout.Copy<int>(IndexSection.Loose, rows * (long)sizeof(int));
        return Array.TrueForAll(loose, row => (uint)row < (uint)rows) ? loose : throw layout.Damaged($"a loose vector is not among the {rows}");
    }

    private static IndexModel? ReadModel(string path, IndexLayout layout, IndexHeader header)
    {
        if (header.Labels is not { Length: > 0 } names || header.Bundle is null || header.Sha256 is null || header.WordVectors is null) return null;
        var vectors = layout.Copy<float>(IndexSection.LabelVectors, (long)names.Length * header.Dimension * sizeof(float));
        if (vectors.Length != names.Length * (long)header.Dimension || Array.Exists(names, string.IsNullOrEmpty)) throw layout.Damaged("its labels do not fit their vectors");
        if (header.BundleFromHere?.Contains('\0', StringComparison.Ordinal) == true) throw layout.Damaged("its bundle's path is none");
        // The folder may have moved together with the index.
        var beside = header.BundleFromHere is { } relative ? Path.GetFullPath(relative, Path.GetDirectoryName(Path.GetFullPath(path))!) : header.Bundle;
        try { return new IndexModel(Directory.Exists(beside) ? beside : header.Bundle, header.Sha256, header.WordVectors, new LabelSpace(names, vectors)).Validated(header.Dimension); }
        catch (DeviseInputException e) { throw new DeviseInputException($"{path}: {e.Message}: the index is damaged; build it again", e); }
    }
}

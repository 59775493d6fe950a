namespace MLNet.Devise.Training.Backbones.Pth;

/// <summary>A tensor of a .pth file: a view of a storage, checked to lie within it and to take no number twice.</summary>
internal sealed class TensorView
{
    private const int MaxRank = 16;

    /// <summary>Axes from the one of the longest steps in the file to the one of the shortest; neighbours in both file and result are one.</summary>
    private readonly List<Axis> _axes;

    /// <exception cref="InvalidDataException">The view reaches beyond its storage, overlaps itself or is not a view at all.</exception>
    public TensorView(Storage storage, long offset, long[] shape, long[] strides)
    {
        InvalidDataException Bad(string why) =>
            new($"a tensor of shape [{string.Join(", ", shape.Take(MaxRank))}] and strides [{string.Join(", ", strides.Take(MaxRank))}] at {offset} in storage '{storage.Key}' of {storage.Count} numbers {why}; the file is damaged");

        if (shape.Length != strides.Length || shape.Length > MaxRank) throw Bad("has not as many strides as sizes");
        if (offset < 0 || offset > storage.Count || shape.Any(size => size < 0) || strides.Any(stride => stride < 0)) throw Bad("has an impossible number in it");
        (Storage, Offset, Shape, Place) = (storage, offset, shape, $"{storage.Key} {offset} {string.Join(',', shape)} {string.Join(',', strides)}");
        _axes = Axes(shape, strides);
        if (shape.Contains(0)) return;

        var reach = Int128.Zero;
        foreach (var axis in Enumerable.Reverse(_axes))
        {
            if (axis.From <= reach) throw Bad("takes numbers twice");
            reach += (Int128)(axis.Size - 1) * axis.From;
            if (reach >= storage.Count) throw Bad("reaches beyond it");
        }
        if (reach >= storage.Count - offset) throw Bad("reaches beyond it");
        // No number is taken twice, so there are no more of them than the storage has.
        Count = (int)Math.Min(shape.Aggregate(1L, (count, size) => count * size), Array.MaxLength + 1L);
        if (Count > Array.MaxLength) throw Bad("is larger than can be read");
    }

    public Storage Storage { get; }

    public long Offset { get; }

    public long[] Shape { get; }

    /// <summary>The same for views of the same numbers in the same order.</summary>
    public string Place { get; }

    /// <summary>How many numbers the view has.</summary>
    public int Count { get; }

    /// <summary>Reads the numbers row-major; the file is read from front to back, so that the result is all that is ever held.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="start">Where the storage begins in it.</param>
    public float[] Read(Stream stream, long start)
    {
        var values = new float[Count];
        if (Count > 0) Fill(0, Offset, 0);
        return values;

        void Fill(int depth, long from, long to)
        {
            var axis = depth < _axes.Count ? _axes[depth] : new(1, 1, 1);
            if (depth >= _axes.Count - 1 && axis.From == 1) Run(from, to, axis);
            else for (var i = 0L; i < axis.Size; i++) Fill(depth + 1, from + i * axis.From, to + i * axis.To);
        }

        void Run(long from, long to, Axis axis)
        {
            const int Piece = 2048;
            var format = Storage.Format;
            Span<byte> bytes = stackalloc byte[Piece * format.Width];
            Span<float> numbers = stackalloc float[Piece];
            stream.Position = start + from * format.Width;
            for (var done = 0L; done < axis.Size; done += Piece)
            {
                var count = (int)Math.Min(Piece, axis.Size - done);
                stream.ReadExactly(bytes[..(count * format.Width)]);
                if (axis.To == 1) format.Decode(bytes, values.AsSpan((int)(to + done), count));
                else
                {
                    format.Decode(bytes, numbers[..count]);
                    for (var i = 0; i < count; i++) values[to + (done + i) * axis.To] = numbers[i];
                }
            }
        }
    }

    private static List<Axis> Axes(long[] shape, long[] strides)
    {
        var all = new List<Axis>();
        var step = Int128.One;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] > 1) all.Add(new(shape[i], strides[i], (long)Int128.Min(step, long.MaxValue)));
            step = Int128.Min(step * shape[i], long.MaxValue);
        }
        var axes = new List<Axis>();
        foreach (var axis in all.OrderBy(axis => axis.From))
        {
            if (axes is [.., var inner] && axis.From == (Int128)inner.Size * inner.From && axis.To == (Int128)inner.Size * inner.To)
                axes[^1] = inner with { Size = inner.Size * axis.Size };
            else axes.Add(axis);
        }
        axes.Reverse();
        return axes;
    }

    /// <summary>An axis: how long, and how many numbers a step goes on in the file and in the result.</summary>
    private sealed record Axis(long Size, long From, long To);
}

namespace MLNet.Devise.Search.Scan;

/// <summary>
/// Of a stream of approximate cosines keeps the k best and whatever may be as good: all within <paramref name="window"/> of the k-th.
/// With a window of twice the largest error none of the true k best is lost.
/// </summary>
internal sealed class NearTop(int k, float window)
{
    // Whoever wants everything near enough rarely gets much; there is more room when it is needed.
    private const int FirstRoom = 1 << 16;

    private ulong[] _keys = new ulong[(int)Math.Clamp(2L * k, 256, FirstRoom)];
    private int _count;

    /// <summary>Cosines below this have no chance any more.</summary>
    public float Floor { get; private set; } = float.NegativeInfinity;

    public void Add(float cosine, int row)
    {
        if (!(cosine >= Floor)) return;
        if (_count == _keys.Length && !Shrink()) Array.Resize(ref _keys, (int)Math.Min(2L * _keys.Length, Array.MaxLength));
        _keys[_count++] = TopK.Key(cosine, row);
    }

    /// <summary>The rows kept, approximately best first.</summary>
    public ReadOnlySpan<ulong> Keys()
    {
        Shrink();
        return _keys.AsSpan(0, _count);
    }

    /// <summary>Drops what has no chance; whether that made notable room.</summary>
    private bool Shrink()
    {
        var keys = _keys.AsSpan(0, _count);
        keys.Sort();
        keys.Reverse();
        if (_count <= k) return false;
        Floor = TopK.Cosine(keys[k - 1]) - window;
        var (kept, last) = (k, TopK.Key(Floor, int.MaxValue));
        // Exact cosines need no more than k, however many are equal.
        while (window > 0 && kept < _count && keys[kept] >= last) kept++;
        _count = kept;
        return _count <= _keys.Length / 4 * 3;
    }
}

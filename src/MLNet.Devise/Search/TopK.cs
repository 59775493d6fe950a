namespace MLNet.Devise.Search;

/// <summary>
/// Keeps the k best of a stream of (cosine, row). Each pair becomes one unsigned key that sorts as the pair must (higher cosine,
/// then lower row), so no two keys are equal and the result does not depend on the order of arrival.
/// </summary>
internal sealed class TopK(int k)
{
    // Filling twice the room and then sorting costs O(log k) a key, and most keys fall at the threshold long before.
    private readonly ulong[] _keys = new ulong[(int)Math.Min(Math.Max(2L * k, 256), Array.MaxLength)];
    private int _count;
    private ulong _threshold;

    /// <summary>Offers a row.</summary>
    public void Add(float cosine, int row)
    {
        var key = Key(cosine, row);
        if (key <= _threshold) return;
        _keys[_count++] = key;
        if (_count == _keys.Length) Shrink();
    }

    /// <summary>The same as rows found.</summary>
    public FoundRow[] ToFound() => Array.ConvertAll(ToSorted(), hit => new FoundRow(hit.Cosine, hit.Row));

    /// <summary>Cosines at or below this have no chance any more; negative infinity until k were offered and sifted.</summary>
    public float Floor => _threshold == 0 ? float.NegativeInfinity : Cosine(_threshold);

    /// <summary>The best, best first.</summary>
    public (float Cosine, int Row)[] ToSorted()
    {
        Shrink();
        return Array.ConvertAll(_keys[.._count], key => (Cosine(key), Row(key)));
    }

    /// <summary>
    /// The same for few scores that are all at hand, without garbage: fills <paramref name="best"/> with the keys of the highest, best
    /// first. NaN ranks with its bits: keep it out.
    /// </summary>
    /// <param name="scores">The scores; their positions are the rows.</param>
    /// <param name="best">As many as are wanted, at most as many as there are scores.</param>
    public static void Pick(ReadOnlySpan<float> scores, Span<ulong> best)
    {
        best.Clear();
        ref var last = ref best[^1];
        for (var i = 0; i < scores.Length; i++)
        {
            var key = Key(scores[i], i);
            if (key <= last) continue;
            var place = best.Length - 1;
            for (; place > 0 && best[place - 1] < key; place--) best[place] = best[place - 1];
            best[place] = key;
        }
    }

    /// <summary>Sorts higher for a higher cosine, and for equal cosines for a lower row.</summary>
    public static ulong Key(float cosine, int row)
    {
        // IEEE floats sort as integers once negative ones are flipped; adding 0 makes −0 and 0 the same.
        var bits = BitConverter.SingleToUInt32Bits(cosine + 0f);
        var ordered = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return (ulong)ordered << 32 | (uint)~row;
    }

    /// <summary>The row of a key.</summary>
    public static int Row(ulong key) => ~(int)(uint)key;

    /// <summary>The cosine of a key.</summary>
    public static float Cosine(ulong key)
    {
        var ordered = (uint)(key >> 32);
        return BitConverter.UInt32BitsToSingle((ordered & 0x8000_0000) != 0 ? ordered & 0x7FFF_FFFF : ~ordered);
    }

    private void Shrink()
    {
        var keys = _keys.AsSpan(0, _count);
        keys.Sort();
        keys.Reverse();
        if (_count <= k) return;
        (_count, _threshold) = (k, keys[k - 1]);
    }
}

using System.Runtime.CompilerServices;

namespace MLNet.Devise.Scoring;

/// <summary>
/// Picks the largest of many scores: best first, equal ones in order of index, as ONNX's <c>TopK</c> does. A score and its index
/// make one number whose order is the ranking, so picking is comparing integers. NaN ranks with its bits: keep it out.
/// </summary>
internal static class TopK
{
    /// <summary>Fills <paramref name="best"/> with the first ranks; <see cref="Index"/> reads them. Its length is k, at most the number of scores.</summary>
    public static void Pick(ReadOnlySpan<float> scores, Span<ulong> best)
    {
        best.Clear();
        ref var last = ref best[^1];
        for (var i = 0; i < scores.Length; i++)
        {
            var rank = Rank(scores[i], i);
            if (rank <= last) continue;
            var place = best.Length - 1;
            for (; place > 0 && best[place - 1] < rank; place--) best[place] = best[place - 1];
            best[place] = rank;
        }
    }

    /// <summary>The index behind a rank.</summary>
    public static int Index(ulong rank) => (int)~(uint)rank;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Rank(float score, int index)
    {
        // + 0f makes −0 a 0. Floats order like their bits once negative ones are inverted and positive ones lifted above them.
        var bits = BitConverter.SingleToInt32Bits(score + 0f);
        var ordered = (uint)bits ^ ((uint)(bits >> 31) | 0x8000_0000u);
        return ((ulong)ordered << 32) | ~(uint)index;
    }
}

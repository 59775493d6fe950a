namespace MLNet.Devise.Audio;

/// <summary>The discrete Fourier transform of real numbers, for one length: radix 2, decimation in time (Cooley and Tukey 1965).</summary>
internal sealed class Fft
{
    private readonly int[] _order;
    private readonly float[] _cos, _sin;
    private readonly float[] _re, _im;

    /// <param name="length">A power of two, at least 2.</param>
    public Fft(int length)
    {
        if (length < 2 || !int.IsPow2(length)) throw new ArgumentOutOfRangeException(nameof(length), length, "expected a power of two, at least 2");
        var bits = int.Log2(length);
        _order = new int[length];
        for (var i = 1; i < length; i++) _order[i] = (_order[i >> 1] >> 1) | ((i & 1) << (bits - 1));
        (_cos, _sin) = (new float[length / 2], new float[length / 2]);
        for (var i = 0; i < length / 2; i++) (_sin[i], _cos[i]) = ((float, float))Math.SinCos(-2 * Math.PI * i / length);
        (_re, _im) = (new float[length], new float[length]);
    }

    /// <summary>Squared magnitudes of frequencies 0 to length / 2, both included. Not for two threads at once.</summary>
    /// <param name="real">Length values.</param>
    /// <param name="power">Length / 2 + 1 values.</param>
    public void Power(ReadOnlySpan<float> real, Span<float> power)
    {
        var (re, im) = (_re, _im);
        for (var i = 0; i < re.Length; i++) re[i] = real[_order[i]];
        Array.Clear(im);
        for (var half = 1; half < re.Length; half *= 2)
        {
            var stride = re.Length / (2 * half);
            for (var start = 0; start < re.Length; start += 2 * half)
                for (var k = 0; k < half; k++)
                {
                    var (a, b, c, s) = (start + k, start + k + half, _cos[k * stride], _sin[k * stride]);
                    var (tr, ti) = (re[b] * c - im[b] * s, re[b] * s + im[b] * c);
                    (re[b], im[b]) = (re[a] - tr, im[a] - ti);
                    (re[a], im[a]) = (re[a] + tr, im[a] + ti);
                }
        }
        for (var i = 0; i < power.Length; i++) power[i] = re[i] * re[i] + im[i] * im[i];
    }
}

using System.Numerics.Tensors;

namespace MLNet.Devise.Audio;

/// <summary>
/// The log-mel spectrogram of sounds of one sampling rate: Hann windows at even distances over the seconds shown, power of each window in
/// mel bands, in decibels below the loudest. The window is so long in time whatever the rate, so the same sound gives the same picture.
/// </summary>
internal sealed class Spectrogram
{
    private const float Silence = 1e-12f;

    private readonly SpectrogramOptions _options;
    private readonly float[] _window, _frame, _power, _bands;
    private readonly Fft _fft;
    private readonly MelBands _mel;
    private readonly int _rate;

    /// <param name="options">Validated.</param>
    /// <param name="rate">Samples a second.</param>
    public Spectrogram(SpectrogramOptions options, int rate)
    {
        (_options, _rate) = (options, rate);
        _window = Hann(Math.Max(2, (int)Math.Round(options.WindowMilliseconds / 1000 * rate)));
        // Twice the window: low bands are narrower than the window's own frequencies are apart.
        var length = 2 * (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_window.Length);
        (_fft, _mel) = (new(length), new(options, rate, length));
        (_frame, _power, _bands) = (new float[length], new float[length / 2 + 1], new float[options.Size]);
    }

    /// <summary>Row-major brightness, 0 to 255, of size × size points, the highest band first. Not for two threads at once.</summary>
    /// <param name="sound">Mono, −1..1.</param>
    public byte[] Of(ReadOnlySpan<float> sound)
    {
        var size = _options.Size;
        var power = new float[size * size];
        for (var x = 0; x < size; x++)
        {
            Window(sound, Start(x));
            _fft.Power(_frame, _power);
            _mel.Sum(_power, _bands);
            for (var y = 0; y < size; y++) power[(size - 1 - y) * size + x] = _bands[y];
        }
        return Brightness(power, _options.Decibels);
    }

    /// <summary>First sample of a window; the first window starts with the sound, the last ends with the seconds shown.</summary>
    private int Start(int x) => (int)Math.Round((_options.Seconds * _rate - _window.Length) * x / (_options.Size - 1));

    private void Window(ReadOnlySpan<float> sound, int start)
    {
        Array.Clear(_frame);
        var count = Math.Clamp(sound.Length - start, 0, _window.Length);
        if (count > 0) TensorPrimitives.Multiply(sound.Slice(start, count), _window.AsSpan(0, count), _frame.AsSpan(0, count));
    }

    /// <summary>The window, scaled so that its squares sum up to 1: loudness then does not depend on the rate.</summary>
    internal static float[] Hann(int length)
    {
        var window = new float[length];
        for (var i = 0; i < length; i++) window[i] = (float)(0.5 - 0.5 * Math.Cos(2 * Math.PI * i / length));
        TensorPrimitives.Divide(window, TensorPrimitives.Norm<float>(window), window);
        return window;
    }

    /// <summary>Power → decibels below the loudest → 0..255; silence is black.</summary>
    internal static byte[] Brightness(ReadOnlySpan<float> power, double decibels)
    {
        var grey = new byte[power.Length];
        var loudest = TensorPrimitives.Max(power);
        if (!(loudest > Silence)) return grey;
        for (var i = 0; i < grey.Length; i++)
            grey[i] = (byte)Math.Round(255 * Math.Clamp(1 + 10 * Math.Log10(Math.Max(power[i], Silence) / loudest) / decibels, 0, 1));
        return grey;
    }
}

using System.Numerics.Tensors;
using MLNet.Devise.Audio;

namespace MLNet.Devise.Data.Sample;

/// <summary>One sound of a second: the object of the class somewhere in it, at some pitch and loudness, over a little hiss.</summary>
internal static class SoundMaker
{
    public const int Rate = 16_000;

    public static Sound Make(SoundClass label, Random random)
    {
        var samples = new float[Rate];
        var length = (int)(Rate * random.Between(0.72f, 0.96f));
        var sound = samples.AsSpan(random.Next(Rate - length), length);
        var pitch = Pitch(label.Motion, length, random);
        if (label.Timbre == SoundTimbre.Clicks) Clicks(sound, pitch, ClickRate(label.Motion, random), random);
        else
        {
            Sustained(sound, pitch, label.Timbre, random);
            if (label.Motion is SoundMotion.Fast or SoundMotion.Slow) Gate(sound, PulseRate(label.Motion, random), random.Between(0.4f, 0.6f));
        }
        Fade(sound);
        TensorPrimitives.Multiply(samples, random.Between(0.2f, 0.8f) / Math.Max(Math.Abs(TensorPrimitives.MaxMagnitude<float>(samples)), 1e-6f), samples);
        var hiss = random.Between(0.0005f, 0.004f);
        // Rounded as the file has it, so that a picture of the file is the same.
        foreach (ref var sample in samples.AsSpan()) sample = WavFile.Pcm16(sample + hiss * Normal(random)) / 32768f;
        return new(Rate, samples);
    }

    /// <summary>Hertz at every sample.</summary>
    private static float[] Pitch(SoundMotion motion, int length, Random random)
    {
        var pitch = new float[length];
        var middle = 500 * MathF.Pow(2, random.Between(-0.8f, 0.8f));
        // Octaves from beginning to end; nobody hears a perfectly level tone as level only.
        var way = motion switch { SoundMotion.Rising => random.Between(1.4f, 2.2f), SoundMotion.Falling => -random.Between(1.4f, 2.2f), _ => random.Between(-0.05f, 0.05f) };
        var (wave, depth) = (random.Between(4, 7), motion == SoundMotion.Wavering ? random.Between(0.22f, 0.4f) : 0);
        for (var i = 0; i < length; i++)
            pitch[i] = middle * MathF.Pow(2, way * (i / (float)length - 0.5f) + depth * MathF.Sin(MathF.Tau * wave * i / Rate));
        return pitch;
    }

    private static void Sustained(Span<float> sound, float[] pitch, SoundTimbre timbre, Random random)
    {
        // Partials as multiples of the pitch, with their loudness: a bell's are those of a free bar, which fit no harmonic series.
        (float Multiple, float Gain)[] partials = timbre switch
        {
            SoundTimbre.Tone => [(1, 1)],
            SoundTimbre.Bell => [(1, 1), (2.756f, 0.8f), (5.404f, 0.6f)],
            SoundTimbre.Buzz => [.. Enumerable.Range(1, 14).Select(k => ((float)k, 1f / k))],
            _ => [],
        };
        var (phase, low, band) = (random.NextSingle(), 0f, 0f);
        for (var i = 0; i < sound.Length; i++)
        {
            phase += pitch[i] / Rate;
            if (timbre == SoundTimbre.Noise)
            {
                // A state-variable filter (Chamberlin 1985) around twice the pitch.
                var f = 2 * MathF.Sin(MathF.PI * Math.Min(2 * pitch[i] / Rate, 0.16f));
                low += f * band;
                band += f * (Normal(random) - low - 0.45f * band);
                sound[i] = band;
            }
            else
                foreach (var (multiple, gain) in partials)
                    if (multiple * pitch[i] < Rate / 2.1f) sound[i] += gain * MathF.Sin(MathF.Tau * multiple * phase);
        }
    }

    /// <summary>Short strokes that ring at the pitch, with the noise of the stroke.</summary>
    private static void Clicks(Span<float> sound, float[] pitch, float rate, Random random)
    {
        const int Ring = Rate / 50;
        for (var start = 0f; start < sound.Length; start += Rate / rate * random.Between(0.95f, 1.05f))
            for (var i = (int)start; i < Math.Min((int)start + Ring, sound.Length); i++)
            {
                var age = (i - (int)start) / (float)Rate;
                sound[i] += MathF.Exp(-age * 350) * (0.6f * Normal(random) + MathF.Sin(MathF.Tau * 2 * pitch[(int)start] * age));
            }
    }

    private static float ClickRate(SoundMotion motion, Random random) => motion is SoundMotion.Fast or SoundMotion.Slow ? PulseRate(motion, random) : random.Between(24, 30);

    private static float PulseRate(SoundMotion motion, Random random) => motion == SoundMotion.Fast ? random.Between(9, 13) : random.Between(2.5f, 4);

    private static void Gate(Span<float> sound, float rate, float open)
    {
        for (var i = 0; i < sound.Length; i++)
            if (i * rate / Rate % 1 > open) sound[i] = 0;
    }

    private static void Fade(Span<float> sound)
    {
        const int Length = Rate / 100;
        for (var i = 0; i < Length; i++)
        {
            sound[i] *= i / (float)Length;
            sound[^(i + 1)] *= i / (float)Length;
        }
    }

    /// <summary>Normally distributed (Box and Muller 1958).</summary>
    private static float Normal(Random random) => MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(MathF.Tau * random.NextSingle());
}

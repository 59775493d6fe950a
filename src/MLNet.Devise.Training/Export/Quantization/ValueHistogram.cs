using System.Numerics.Tensors;

namespace MLNet.Devise.Training.Export.Quantization;

/// <summary>Counts how often values occur. It need not know their range before: bins double their width as larger values come.</summary>
internal sealed class ValueHistogram
{
    /// <summary>Bins, half of them for negative values.</summary>
    public const int Bins = 4096;

    private const int Half = Bins / 2;

    private readonly long[] _counts = new long[Bins];

    /// <summary>Width of a bin, always a power of 2.</summary>
    public double Width { get; private set; } = Math.ScaleB(1, -30);

    /// <summary>Least value so far; 0 where none is below.</summary>
    public double Min { get; private set; }

    /// <summary>Largest value so far; 0 where none is above.</summary>
    public double Max { get; private set; }

    /// <summary>Bins that hold something: their centres and counts. Zeros, which every scale has, are not counted.</summary>
    public IEnumerable<(double Centre, long Count)> Counts
    {
        get
        {
            for (var i = 0; i < Bins; i++)
                if (_counts[i] > 0) yield return ((i - Half + 0.5) * Width, _counts[i]);
        }
    }

    /// <exception cref="InvalidOperationException">A value is not finite.</exception>
    public void Add(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty) return;
        var (least, most) = (TensorPrimitives.Min(values), TensorPrimitives.Max(values));
        if (!float.IsFinite(least) || !float.IsFinite(most)) throw new InvalidOperationException("calibration: the network gives values that are not finite");
        (Min, Max) = (Math.Min(Min, least), Math.Max(Max, most));
        while (Max >= Half * Width || Min < -Half * Width) Widen();
        var perBin = (float)(1 / Width);
        foreach (var value in values)
            if (value != 0) _counts[(int)MathF.Floor(value * perBin) + Half]++;
    }

    /// <summary>Bins 2i and 2i + 1, counted from zero, become bin i.</summary>
    private void Widen()
    {
        var wider = new long[Bins];
        for (var i = 0; i < Bins; i++) wider[((i - Half) >> 1) + Half] += _counts[i];
        wider.CopyTo(_counts, 0);
        Width *= 2;
    }
}

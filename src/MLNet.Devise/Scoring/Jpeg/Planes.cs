namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>All components of a picture while it is decoded.</summary>
internal sealed class Planes : IDisposable
{
    private readonly JpegHeader _header;
    private readonly int _unitsWide;

    /// <param name="header">The picture's.</param>
    /// <param name="halvings">How often its sides are to be halved.</param>
    public Planes(JpegHeader header, int halvings)
    {
        var luminance = header.Components[0];
        _header = header;
        (_unitsWide, UnitsHigh) = (Units(header.Width, luminance.Across), Units(header.Height, luminance.Down));
        All = new ComponentPlane[header.Components.Count];
        try
        {
            for (var i = 0; i < All.Length; i++) All[i] = new(header.Components[i], _unitsWide, UnitsHigh, i == 0 ? halvings : Math.Max(halvings - (luminance.Across - 1), 0));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Restart markers between the units.</summary>
    public int MostRestarts => _header.RestartInterval == 0 ? 0 : (_unitsWide * UnitsHigh - 1) / _header.RestartInterval;

    /// <summary>Bytes of a file that the scan can take: each of 64 coefficients 27 bits, every byte with a zero after it, and the markers.</summary>
    public long MostBytes => (long)_unitsWide * UnitsHigh * _header.Components.Sum(component => component.Across * component.Down) * 2 * 64 * 27 / 8 + 4 * MostRestarts + 4;

    /// <summary>Luminance, and colour where there is any.</summary>
    public ComponentPlane[] All { get; }

    /// <summary>Rows of units of the scan.</summary>
    public int UnitsHigh { get; }

    /// <summary>Reads a row of units into samples; false where the data is damaged.</summary>
    public bool TryRead(ref ScanReader reader, int row)
    {
        foreach (var plane in All) plane.Clear();
        for (int unit = 0, index = row * _unitsWide; unit < _unitsWide; unit++, index++)
        {
            if (_header.RestartInterval > 0 && index > 0 && index % _header.RestartInterval == 0)
            {
                if (!reader.TryRestart()) return false;
                foreach (var plane in All) plane.Restart();
            }
            foreach (var plane in All)
                if (!plane.TryRead(ref reader, unit)) return false;
        }
        if (!reader.IsWithin) return false;
        foreach (var plane in All)
        {
            plane.Transform(row);
            plane.Halve(row);
        }
        return true;
    }

    public void Dispose()
    {
        foreach (var plane in All) plane?.Dispose(); // none yet where there was no memory for it
    }

    private static int Units(int pixels, int blocks) => (pixels + blocks * ComponentPlane.Block - 1) / (blocks * ComponentPlane.Block);
}

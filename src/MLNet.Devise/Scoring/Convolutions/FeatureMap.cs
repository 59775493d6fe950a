namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>
/// A value between layers: height × width × channels an image, channels innermost, so that everything is computed on many channels at a
/// time. It may be some channels of another map, which is how maps are joined without copying.
/// </summary>
/// <param name="channels">Channels; memory holds them rounded up to <see cref="Block"/>, the rest being 0.</param>
/// <param name="height">Rows.</param>
/// <param name="width">Columns.</param>
/// <param name="tight">Whether memory holds no more than the channels: only for what layers read, since they write whole blocks.</param>
internal sealed class FeatureMap(int channels, int height, int width, bool tight = false)
{
    /// <summary>Channels computed together.</summary>
    public const int Block = 16;

    private FeatureMap? _whole;
    private int _first;

    public int Channels => channels;

    public int Height => height;

    public int Width => width;

    /// <summary>Pixels an image.</summary>
    public int Area => height * width;

    /// <summary>The map whose memory it lies in.</summary>
    public FeatureMap Root
    {
        get
        {
            var root = this;
            while (root._whole is { } whole) root = whole;
            return root;
        }
    }

    /// <summary>Its first channel within <see cref="Root"/>.</summary>
    public int Offset
    {
        get
        {
            var offset = 0;
            for (var map = this; map._whole is { } whole; map = whole) offset += map._first;
            return offset;
        }
    }

    /// <summary>Values from one pixel to the next.</summary>
    public int Pitch => Root.OwnPitch;

    private int OwnPitch => tight ? channels : RoundUp(channels, Block);

    /// <summary>Makes it some channels of another map; false where that cannot be.</summary>
    public bool TryLieIn(FeatureMap whole, int first)
    {
        if (_whole is not null || channels % Block != 0 || first % Block != 0 || (whole.Height, whole.Width) != (height, width)) return false;
        (_whole, _first) = (whole, first);
        return true;
    }

    public static int RoundUp(int value, int step) => (value + step - 1) / step * step;
}

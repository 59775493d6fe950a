namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>Memory of one run at a time: the maps, those that are never needed together in the same place, and working memory.</summary>
internal sealed unsafe class Workspace
{
    private readonly Dictionary<FeatureMap, (int Place, bool Alone)> _places = [];
    private readonly AlignedValues[] _memory;
    private readonly AlignedValues _scratch;

    /// <param name="layers">In order.</param>
    /// <param name="kept">Maps that are still needed after the last layer.</param>
    /// <param name="images">Most images of a run.</param>
    /// <param name="alone">The first layers, which are run image by image: memory holds one image of what no later layer reads.</param>
    public Workspace(IReadOnlyList<Layer> layers, IReadOnlyCollection<FeatureMap> kept, int images, int alone = 0)
    {
        Images = images;
        _memory = [.. Place(layers, kept, alone).Select(values => new AlignedValues(values))];
        _scratch = new(layers.Select((layer, i) => layer.Scratch(i < alone ? 1 : images)).Max());
    }

    /// <summary>Most images of a run.</summary>
    public int Images { get; }

    /// <summary>The image that the layer begins with.</summary>
    public int First { get; set; }

    /// <summary>The images that are read: red, green, blue and 255 of each pixel.</summary>
    public byte* Pixels { get; set; }

    /// <summary>Working memory of the layer that runs.</summary>
    public float* Scratch => _scratch.Start;

    /// <summary>The first value of a map's first pixel, in image <see cref="First"/>.</summary>
    public float* this[FeatureMap map]
    {
        get
        {
            var (place, alone) = _places[map.Root];
            return _memory[place].Start + (alone ? 0 : (nint)First * map.Area * map.Pitch) + map.Offset;
        }
    }

    /// <summary>
    /// A map takes the first place that is free when it is first written, until it was last read or, joined from several, written. One that is written image by image and
    /// read later has a place of its own until then: what it holds of one image must outlast the next one's first layers.
    /// </summary>
    private List<long> Place(IReadOnlyList<Layer> layers, IReadOnlyCollection<FeatureMap> kept, int alone)
    {
        var (values, until, ends) = (new List<long>(), new List<int>(), new Dictionary<FeatureMap, int>());
        for (var now = 0; now < layers.Count; now++)
            foreach (var map in layers[now].Inputs.Append(layers[now].Output)) ends[map.Root] = now;
        foreach (var map in kept) ends[map.Root] = int.MaxValue;
        for (var now = 0; now < layers.Count; now++)
        {
            var map = layers[now].Output.Root;
            if (_places.ContainsKey(map)) continue;
            var last = ends[map];
            var crosses = now < alone && last >= alone;
            var place = crosses ? -1 : until.FindIndex(end => end < now);
            if (place < 0)
            {
                place = values.Count;
                values.Add(0);
                until.Add(0);
            }
            var single = now < alone && !crosses;
            _places[map] = (place, single);
            (values[place], until[place]) = (Math.Max(values[place], (long)(single ? 1 : Images) * map.Area * map.Pitch), last);
        }
        return values;
    }
}

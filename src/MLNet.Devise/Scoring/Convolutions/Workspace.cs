namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>Memory of one run at a time: the maps, those that are never needed together in the same place, and working memory.</summary>
internal sealed unsafe class Workspace
{
    private readonly Dictionary<FeatureMap, int> _places;
    private readonly AlignedValues[] _slots;
    private readonly AlignedValues _scratch;

    /// <param name="layers">In order.</param>
    /// <param name="kept">Maps that are still needed after the last layer.</param>
    /// <param name="images">Most images of a run.</param>
    public Workspace(IReadOnlyList<Layer> layers, IReadOnlyCollection<FeatureMap> kept, int images)
    {
        Images = images;
        var (places, values) = Place(layers, kept, images);
        _places = places;
        _slots = [.. values.Select(length => new AlignedValues(length))];
        _scratch = new(layers.Max(layer => layer.Scratch(images)));
    }

    /// <summary>Most images of a run.</summary>
    public int Images { get; }

    /// <summary>The images that are read: three planes each.</summary>
    public float* Planes { get; set; }

    /// <summary>Working memory of the layer that runs.</summary>
    public float* Scratch => _scratch.Start;

    /// <summary>The first value of a map's first pixel.</summary>
    public float* this[FeatureMap map] => _slots[_places[map.Root]].Start + map.Offset;

    /// <summary>A map takes the first place that is free when it is first written, until it was last read.</summary>
    private static (Dictionary<FeatureMap, int> Places, List<long> Values) Place(IReadOnlyList<Layer> layers, IReadOnlyCollection<FeatureMap> kept, int images)
    {
        var (places, values, until) = (new Dictionary<FeatureMap, int>(), new List<long>(), new List<int>());
        for (var now = 0; now < layers.Count; now++)
        {
            var map = layers[now].Output.Root;
            if (places.ContainsKey(map)) continue;
            var place = until.FindIndex(last => last < now);
            if (place < 0)
            {
                place = values.Count;
                values.Add(0);
                until.Add(0);
            }
            places[map] = place;
            values[place] = Math.Max(values[place], (long)images * map.Area * map.Pitch);
            until[place] = kept.Any(one => one.Root == map) ? int.MaxValue : Enumerable.Range(now, layers.Count - now).Last(i => i == now || layers[i].Inputs.Any(input => input.Root == map));
        }
        return (places, values);
    }
}

namespace MLNet.Devise.Training.Backbones.Pth;

/// <summary>A Python dictionary as a pickle fills it: pairs in order. Keys are compared only where somebody looks one up.</summary>
internal sealed class PickledDictionary : List<KeyValuePair<object?, object?>>;

/// <summary>A Python list.</summary>
internal sealed class PickledList : List<object?>;

/// <summary>A storage type that a pickle may name.</summary>
internal sealed record PickledStorageType(NumberFormat Format);

/// <summary>A function that a pickle may call: ours, under the name of PyTorch's.</summary>
internal sealed record PickledFunction(Func<object?[], object?> Call);

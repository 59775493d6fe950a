namespace MLNet.Devise.Training.Backbones.Pth;

/// <summary>The storages that a pickle describes: ('storage', type, key, device, count[, view]).</summary>
/// <param name="fileLength">No storage can be larger than the file.</param>
internal sealed class PickledStorages(long fileLength)
{
    private readonly Dictionary<string, Storage> _byKey = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Storage> ByKey => _byKey;

    /// <exception cref="InvalidDataException">Not a storage's description, too large, or at odds with an earlier one.</exception>
    public Storage Describe(object?[] id)
    {
        if (id is not ["storage", PickledStorageType type, string key, _, long count, ..] || id.Length > 5 && id[5] is not null)
            throw new InvalidDataException("its pickle describes a storage as PyTorch 0.4 and newer do not; the file is damaged or very old");
        if (count < 0 || count > fileLength / type.Format.Width)
            throw new InvalidDataException($"storage '{key}' claims {count} numbers of {type.Format.Width} bytes, the whole file has {fileLength} bytes; the file is damaged or cut short");
        if (!_byKey.TryGetValue(key, out var storage)) _byKey.Add(key, storage = new(key, type.Format, count));
        if (storage.Format != type.Format || storage.Count != count) throw new InvalidDataException($"storage '{key}' is described twice, differently; the file is damaged");
        return storage;
    }
}

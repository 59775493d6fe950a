namespace MLNet.Devise.Training.Backbones.Pth;

/// <summary>What torch.save writes since PyTorch 1.6: a zip of <c>NAME/data.pkl</c> and <c>NAME/data/KEY</c> for each storage, none compressed.</summary>
internal static class ZipPth
{
    private const string PickleName = "/data.pkl";

    public static PthContent Open(FileStream stream)
    {
        var zip = ZipDirectory.Read(stream);
        var pickles = zip.Names.Where(name => name.EndsWith(PickleName, StringComparison.Ordinal)).Take(2).ToArray();
        if (pickles is not [var pickle])
            throw new InvalidDataException($"a zip with {(pickles.Length == 0 ? "no" : "more than one")} data.pkl in it, expected the weights as torch.save(model.state_dict(), file) writes them");
        var folder = pickle[..^PickleName.Length];

        var (start, length) = zip.Locate(pickle)!.Value;
        stream.Position = start;
        var storages = new PickledStorages(stream.Length);
        var root = new PickleReader(stream, start + length, storages.Describe).Read();
        if (zip.Locate($"{folder}/byteorder") is { } order)
        {
            stream.Position = order.Start;
            if (order.Length != 6 || stream.ReadByte() != 'l') throw new InvalidDataException("its numbers are not little-endian; save the weights again on an x64 or Arm machine");
        }
        return new(root, storage =>
        {
            var (at, bytes) = zip.Locate($"{folder}/data/{storage.Key}") ?? throw new InvalidDataException($"storage '{storage.Key}' is not in it; the file is damaged");
            return bytes == storage.Bytes ? at : throw new InvalidDataException($"storage '{storage.Key}' has {bytes} bytes, expected {storage.Bytes}; the file is damaged");
        });
    }
}

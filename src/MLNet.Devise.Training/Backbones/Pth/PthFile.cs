namespace MLNet.Devise.Training.Backbones.Pth;

/// <summary>A .pth file's pickle, and where in the file each storage lies.</summary>
/// <param name="Root">What was saved.</param>
/// <param name="Start">Position of a storage's first byte.</param>
internal sealed record PthContent(object? Root, Func<Storage, long> Start);

/// <summary>The tensors of a state_dict that torch.save wrote.</summary>
internal static class PthFile
{
    /// <summary>Keys under which training programs keep the state_dict within a checkpoint.</summary>
    private static readonly string[] Wrappers = ["state_dict", "model_state_dict", "model"];

    /// <summary>All floating-point tensors; integers are left out, for no weight is made of them.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="open">Opens the container.</param>
    /// <exception cref="InvalidDataException">Damaged, or not a state_dict.</exception>
    public static Dictionary<string, NamedTensor> Read(FileStream stream, Func<FileStream, PthContent> open)
    {
        var content = open(stream);
        var tensors = new Dictionary<string, NamedTensor>(StringComparer.Ordinal);
        var read = new Dictionary<string, NamedTensor>(StringComparer.Ordinal);
        var left = stream.Length;
        foreach (var (name, view) in StateDict(content.Root).Where(entry => entry.View.Storage.Format.IsFloat))
        {
            if (!read.TryGetValue(view.Place, out var tensor))
            {
                // Tensors may share a storage, tied weights all of it; many views of a large one must not add up to more than the file holds.
                if ((left -= (long)view.Count * view.Storage.Format.Width) < 0)
                    throw new InvalidDataException($"its tensors up to '{name}' take more than the file's {stream.Length} bytes; the file is damaged");
                read.Add(view.Place, tensor = new(view.Shape, view.Read(stream, content.Start(view.Storage))));
            }
            if (!tensors.TryAdd(name, tensor)) throw new InvalidDataException($"'{name}' is there twice; the file is damaged");
        }
        return tensors;
    }

    private static List<(string Name, TensorView View)> StateDict(object? root)
    {
        if (root is not PickledDictionary dictionary)
            throw new InvalidDataException("it holds no dictionary of tensors, expected a state_dict, as torch.save(model.state_dict(), file) writes it");
        if (Tensors(dictionary) is { Count: > 0 } tensors) return tensors;
        foreach (var (key, value) in dictionary)
            if (key is string name && Wrappers.Contains(name) && value is PickledDictionary inner && Tensors(inner) is { Count: > 0 } found) return found;
        throw new InvalidDataException($"its dictionary holds no tensors, neither by itself nor under {string.Join(", ", Wrappers.Select(name => $"'{name}'"))}");
    }

    private static List<(string Name, TensorView View)> Tensors(PickledDictionary dictionary) =>
        [.. dictionary.Where(entry => entry is { Key: string, Value: TensorView }).Select(entry => ((string)entry.Key!, (TensorView)entry.Value!))];
}

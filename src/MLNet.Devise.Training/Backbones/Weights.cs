using static TorchSharp.torch;

namespace MLNet.Devise.Training.Backbones;

/// <summary>Copies named tensors into modules and out of them, and says exactly what does not fit.</summary>
internal static class Weights
{
    /// <summary>Fills every parameter and buffer of <paramref name="module"/> from <paramref name="tensors"/>.</summary>
    /// <param name="module">The module to fill.</param>
    /// <param name="tensors">Values by name.</param>
    /// <param name="prefix">What stands before the module's own names among the tensors.</param>
    /// <param name="source">The file, for messages.</param>
    /// <exception cref="DeviseInputException">A tensor is missing or has another shape; all of them are named at once, and nothing is copied.</exception>
    public static void Load(nn.Module module, IReadOnlyDictionary<string, NamedTensor> tensors, string prefix, string source)
    {
        var state = State(module);
        var wrong = new List<string>();
        foreach (var (name, tensor) in state)
        {
            if (!tensors.TryGetValue(prefix + name, out var found)) wrong.Add($"{prefix}{name} is missing");
            else if (!found.Shape.AsSpan().SequenceEqual(tensor.shape)) wrong.Add($"{prefix}{name} is [{string.Join(", ", found.Shape)}], expected [{string.Join(", ", tensor.shape)}]");
        }
        if (wrong.Count > 0)
            throw new DeviseInputException($"{source}: {wrong.Count} of {state.Count} tensors do not fit this network: {string.Join("; ", wrong.Take(5))}{(wrong.Count > 5 ? "; …" : "")}");
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        foreach (var (name, target) in state)
        {
            var found = tensors[prefix + name];
            target.copy_(tensor(found.Values, found.Shape));
        }
    }

    /// <summary>Copies every tensor of the same name; what only one of the two has stays as it is.</summary>
    public static void Copy(nn.Module from, nn.Module to)
    {
        using var untracked = no_grad();
        var source = from.state_dict();
        foreach (var (name, target) in State(to))
            if (source.TryGetValue(name, out var tensor)) target.copy_(tensor);
    }

    /// <summary>Parameters and floating-point buffers in a fixed order.</summary>
    public static IReadOnlyList<(string Name, NamedTensor Tensor)> Save(nn.Module module) =>
        [.. State(module).Select(entry => (entry.Name, NamedTensor.Of(entry.Tensor)))];

    /// <summary>The batch counters of batch normalisation are integers that nothing reads; all else is kept.</summary>
    public static IReadOnlyList<(string Name, Tensor Tensor)> State(nn.Module module) =>
        [.. module.state_dict().Where(entry => entry.Value.dtype == ScalarType.Float32).Select(entry => (entry.Key, entry.Value))];
}

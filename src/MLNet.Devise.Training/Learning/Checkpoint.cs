using System.Text.Json;
using MLNet.Devise.Training.Backbones;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>
/// The file from which an interrupted run goes on: <c>checkpoint.safetensors</c>, written whole. Weights, the optimizer's moments, the
/// running average, the best epoch's weights, and in the header the <see cref="TrainingState"/>.
/// </summary>
internal sealed class Checkpoint
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "checkpoint.safetensors";

    private const string StateKey = "state";

    private readonly string _path;
    private readonly IReadOnlyDictionary<string, NamedTensor> _tensors;

    private Checkpoint(string path, TrainingState state, IReadOnlyDictionary<string, NamedTensor> tensors) => (_path, State, _tensors) = (path, state, tensors);

    /// <summary>Where the run stands.</summary>
    public TrainingState State { get; }

    /// <summary>Whether it is of a run that has taken no step and has no weights yet.</summary>
    public bool IsEmpty => _tensors.Count == 0;

    /// <summary>Reads the checkpoint of a run; null where there is none.</summary>
    /// <exception cref="DeviseInputException">The file is damaged or not a checkpoint.</exception>
    public static Checkpoint? TryRead(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        var metadata = new Dictionary<string, string>();
        var tensors = Safetensors.Read(path, metadata);
        try { return new(path, TrainingState.FromJson(metadata.GetValueOrDefault(StateKey) ?? throw new JsonException("it has no state")), tensors); }
        catch (JsonException e) { throw new DeviseInputException($"{path}: not a checkpoint of this version: {e.Message}; delete it to begin again", e); }
    }

    /// <summary>Writes a checkpoint, whole; on any error an earlier one stays.</summary>
    /// <exception cref="IOException">It cannot be written, for instance because the disk is full.</exception>
    public static void Write(string folder, TrainingState state, IEnumerable<(string Name, NamedTensor Tensor)> tensors)
    {
        var path = Path.Combine(folder, FileName);
        try { Safetensors.Write(path, [.. tensors], new Dictionary<string, string> { [StateKey] = state.ToJson() }); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DeviseInputException)
        {
            var rest = File.Exists(path) ? "; the one before it is untouched: make room, and go on with --resume" : "";
            throw new IOException($"{path}: the checkpoint cannot be written ({e.Message}){rest}", e);
        }
    }

    /// <summary>A module's tensors under a name of their own.</summary>
    public static IEnumerable<(string, NamedTensor)> Of(string part, IEnumerable<(string Name, NamedTensor Tensor)> tensors) =>
        tensors.Select(entry => ($"{part}.{entry.Name}", entry.Tensor));

    /// <summary>The moments of every parameter, in the optimizer's order.</summary>
    public static IEnumerable<(string, NamedTensor)> Of(AdamW optimizer) => optimizer.Parts.SelectMany((part, i) => new[]
    {
        ($"optimizer.{i}.step", new NamedTensor([2], [part.Steps & 0xFFFF, part.Steps >> 16])),
        ($"optimizer.{i}.exp_avg", NamedTensor.Of(part.Mean)), ($"optimizer.{i}.exp_avg_sq", NamedTensor.Of(part.Square)),
    });

    /// <summary>Gives an optimizer its moments back; nothing at a stage's beginning, where there are none.</summary>
    public void TryRestore(AdamW optimizer)
    {
        if (!_tensors.ContainsKey("optimizer.0.exp_avg")) return;
        using var untracked = no_grad();
        foreach (var (part, i) in optimizer.Parts.Select((part, i) => (part, i)))
        {
            var step = Find($"optimizer.{i}.step", [2]).Values;
            part.Steps = (long)step[0] + ((long)step[1] << 16);
            Fill(part.Mean, $"optimizer.{i}.exp_avg");
            Fill(part.Square, $"optimizer.{i}.exp_avg_sq");
        }
    }

    /// <summary>Gives a module its tensors back.</summary>
    public void Restore(nn.Module module, string part) => Weights.Load(module, _tensors, $"{part}.", _path);

    /// <summary>Gives tensors their values back.</summary>
    public void Restore(IEnumerable<(string Name, Tensor Tensor)> tensors, string part)
    {
        using var untracked = no_grad();
        foreach (var (name, tensor) in tensors) Fill(tensor, $"{part}.{name}");
    }

    /// <summary>The tensors of a part by their own names; empty where it has none.</summary>
    public IReadOnlyDictionary<string, NamedTensor> Part(string part) =>
        _tensors.Where(entry => entry.Key.StartsWith($"{part}.", StringComparison.Ordinal)).ToDictionary(entry => entry.Key[(part.Length + 1)..], entry => entry.Value);

    private void Fill(Tensor target, string name)
    {
        using var source = tensor(Find(name, target.shape).Values, target.shape);
        target.copy_(source);
    }

    private NamedTensor Find(string name, long[] shape) => _tensors.TryGetValue(name, out var found) && found.Shape.AsSpan().SequenceEqual(shape)
        ? found
        : throw new DeviseInputException($"{_path}: '{name}' is missing or not [{string.Join(", ", shape)}]; the checkpoint is of another run: delete it to begin again");
}

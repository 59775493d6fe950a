namespace MLNet.Devise.Training.Backbones.Pth;

/// <summary>
/// The names that a pickle may use, and what stands for them here. A pickle is a program: whoever may name anything can run anything. What
/// is not in this table is refused, by name.
/// </summary>
internal static class AllowedGlobals
{
    private const int MaxShownName = 80;

    private static readonly Dictionary<string, object> Table = new(StringComparer.Ordinal)
    {
        ["collections.OrderedDict"] = new PickledFunction(Dictionary),
        ["torch.Size"] = new PickledFunction(arguments => arguments is [object?[] sizes] ? sizes : throw Bad("torch.Size")),
        // storage, offset, sizes, strides, and flags that mean nothing to weights
        ["torch._utils._rebuild_tensor"] = new PickledFunction(Tensor),
        ["torch._utils._rebuild_tensor_v2"] = new PickledFunction(Tensor),
        ["torch._utils._rebuild_parameter"] = new PickledFunction(arguments => arguments is [TensorView view, ..] ? view : throw Bad("_rebuild_parameter")),
    };

    static AllowedGlobals()
    {
        foreach (var (name, format) in (IEnumerable<(string, NumberFormat)>)
        [
            ("Double", NumberFormat.Float64), ("Float", NumberFormat.Float32), ("Half", NumberFormat.Float16), ("BFloat16", NumberFormat.BFloat16),
            ("Long", NumberFormat.Integer(8)), ("Int", NumberFormat.Integer(4)), ("Short", NumberFormat.Integer(2)),
            ("Char", NumberFormat.Integer(1)), ("Byte", NumberFormat.Integer(1)), ("Bool", NumberFormat.Integer(1)),
        ])
            Table[$"torch.{name}Storage"] = Table[$"torch.cuda.{name}Storage"] = new PickledStorageType(format);
    }

    /// <exception cref="InvalidDataException">The name is not in the table.</exception>
    public static object Find(string module, string name)
    {
        var full = $"{module}.{name}";
        if (Table.TryGetValue(full, out var known)) return known;
        throw new InvalidDataException($"its pickle asks for '{Shown(full)}', which is refused: loading weights runs no code of the file; expected a plain state_dict, as torch.save(model.state_dict(), file) writes it");
    }

    /// <summary>A name from a hostile file, fit for a terminal.</summary>
    private static string Shown(string name) =>
        string.Concat(name.Take(MaxShownName).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ' ' ? c : '?')) + (name.Length > MaxShownName ? "…" : "");

    private static PickledDictionary Dictionary(object?[] arguments)
    {
        var dictionary = new PickledDictionary();
        if (arguments.Length == 0) return dictionary;
        // Python 2 hands the pairs over at once.
        if (arguments is not [PickledList pairs]) throw Bad("OrderedDict");
        foreach (var pair in pairs)
            dictionary.Add(pair is PickledList { Count: 2 } entry ? new(entry[0], entry[1]) : pair is object?[] { Length: 2 } tuple ? new(tuple[0], tuple[1]) : throw Bad("OrderedDict"));
        return dictionary;
    }

    private static TensorView Tensor(object?[] arguments) =>
        arguments is [Storage storage, long offset, object?[] shape, object?[] strides, ..] ? new(storage, offset, Numbers(shape), Numbers(strides)) : throw Bad("a tensor");

    private static long[] Numbers(object?[] values) => [.. values.Select(value => value is long number ? number : throw Bad("a tensor's sizes"))];

    private static InvalidDataException Bad(string what) => new($"its pickle makes {what} of something else than PyTorch does; the file is damaged");
}

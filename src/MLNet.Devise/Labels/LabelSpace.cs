using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using MLNet.Devise.Data;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Labels;

/// <summary>
/// The labels that a model can name: class names and one unit vector each. An image's embedding is compared with these rows by
/// cosine (Frome et al., <i>DeViSE</i>, 2013).
/// </summary>
public sealed class LabelSpace
{
    private readonly float[] _vectors;
    private readonly Dictionary<string, int> _index;
    // Of a whole vocabulary it would be large, and is hardly ever asked for.
    private readonly Lazy<Dictionary<string, int>> _keys;

    /// <summary>Takes names and their vectors, scaled to length 1 here.</summary>
    /// <param name="names">Class names, each once.</param>
    /// <param name="vectors">Row-major, names × dimension.</param>
    /// <param name="origins">How each vector was found, for the record; may be <see langword="null"/>.</param>
    /// <exception cref="DeviseInputException">No name, a repeated name, a size that does not fit, or a vector without direction.</exception>
    public LabelSpace(IReadOnlyList<string> names, ReadOnlySpan<float> vectors, IReadOnlyList<string>? origins = null) : this(vectors.ToArray(), names, origins) { }

    /// <summary>The same without a copy of the vectors: they are scaled where they are.</summary>
    private LabelSpace(float[] vectors, IReadOnlyList<string> names, IReadOnlyList<string>? origins)
    {
        if (names.Count == 0 || vectors.Length == 0 || vectors.Length % names.Count != 0)
            throw new DeviseInputException($"{names.Count} labels with {vectors.Length} values, expected the same number of values for each label");
        (Names, Dimension, Origins, _vectors) = ([.. names], vectors.Length / names.Count, origins ?? [.. names.Select(_ => "")], vectors);
        _index = new(names.Count, StringComparer.Ordinal);
        _keys = new(Keys);
        for (var i = 0; i < names.Count; i++)
        {
            if (!_index.TryAdd(Names[i], i)) throw new DeviseInputException($"label '{Names[i]}' is listed twice");
            var vector = _vectors.AsSpan(i * Dimension, Dimension);
            if (!Phrases.TryNormalize(vector, vector)) throw new DeviseInputException($"label '{Names[i]}': its vector is zero or not finite, expected one with a direction");
        }
    }

    /// <summary>Class names (<c>giant+panda</c>); their positions are the label indices.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Values a vector; 300 for fastText.</summary>
    public int Dimension { get; }

    /// <summary>How each vector was made (<c>exact ox</c>, <c>mean of giant, panda</c>), by label index; empty where unknown.</summary>
    public IReadOnlyList<string> Origins { get; }

    /// <summary>All unit vectors, row-major, names × dimension.</summary>
    public ReadOnlySpan<float> Vectors => _vectors;

    /// <summary>The unit vector of a label.</summary>
    public ReadOnlySpan<float> Vector(int label) => _vectors.AsSpan(label * Dimension, Dimension);

    /// <summary>Index of a name, or −1.</summary>
    public int IndexOf(string name) => _index.GetValueOrDefault(name, -1);

    /// <summary>Index of a name in any spelling (<c>Polar bear</c> for <c>polar+bear</c>, and the reverse), or −1.</summary>
    internal int Find(string words) => Phrases.Whole(words).Select(IndexOf).FirstOrDefault(label => label >= 0, -1) is >= 0 and var label ? label : _keys.Value.GetValueOrDefault(Phrases.Key(words), -1);

    /// <summary>Labels by what is left of a name without capitals and joints; of equal ones the first.</summary>
    private Dictionary<string, int> Keys()
    {
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Names.Count; i++) keys.TryAdd(Phrases.Key(Names[i]), i);
        return keys;
    }

    /// <summary>The same vectors for some of the names, in the order given.</summary>
    /// <exception cref="DeviseInputException">A name is not among the labels.</exception>
    public LabelSpace Select(IEnumerable<string> names)
    {
        var rows = names.Select(name => IndexOf(name) is >= 0 and var i ? i : throw new DeviseInputException($"'{name}' is not among the {Names.Count} labels")).ToArray();
        var vectors = new float[rows.Length * Dimension];
        for (var i = 0; i < rows.Length; i++) Vector(rows[i]).CopyTo(vectors.AsSpan(i * Dimension));
        return new([.. rows.Select(row => Names[row])], vectors, [.. rows.Select(row => Origins[row])]);
    }

    /// <summary>The same names with their vectors transformed.</summary>
    /// <param name="transform">Fitted on the file that the vectors came from; null changes nothing.</param>
    /// <exception cref="DeviseInputException">The transform is for vectors of another size, or a label's vector has no direction after it.</exception>
    public LabelSpace Through(LabelTransform? transform)
    {
        if (transform is null) return this;
        if (transform.Dimension != Dimension) throw new DeviseInputException($"labels of {Dimension} values, the label transform takes {transform.Dimension}; name the word vectors that the model was trained with");
        var vectors = new float[_vectors.Length];
        for (var i = 0; i < Names.Count; i++)
            if (!transform.TryApply(Vector(i), vectors.AsSpan(i * Dimension, Dimension)))
                throw new DeviseInputException($"label '{Names[i]}': the label transform ({transform.Options.Kind}) leaves nothing of its vector, expected more or other words to fit it on");
        return new(Names, vectors, Origins);
    }

    /// <summary>Cosine of a unit vector with every label.</summary>
    /// <param name="unit">An embedding of length 1.</param>
    /// <param name="cosines">Receives one value a label, in −1..1.</param>
    public void Cosines(ReadOnlySpan<float> unit, Span<float> cosines)
    {
        for (var i = 0; i < Names.Count; i++) cosines[i] = TensorPrimitives.Dot(unit, Vector(i));
    }

    /// <summary>Looks names up in a word-vector file: whole phrase first, then an alias, then a composition of its words.</summary>
    /// <param name="names">Class names; <c>+</c>, space and <c>_</c> join words.</param>
    /// <param name="vecPath">Word vectors of any kind, see <see cref="WordVectors.Open"/>.</param>
    /// <param name="phrases">How phrases are found; null takes the defaults.</param>
    /// <param name="remark">Told what was left out of the file, a line each.</param>
    /// <exception cref="DeviseInputException">Names without a vector (all at once, with near spellings), or a bad file.</exception>
    public static LabelSpace FromVec(IReadOnlyList<string> names, string vecPath, PhraseOptions? phrases = null, Action<string>? remark = null)
    {
        var options = phrases ?? new();
        options.Validate();
        using var words = WordVectors.Open(vecPath, PhraseFinder.Spellings(names, options).Contains);
        foreach (var line in words.Remarks) remark?.Invoke(line);
        var finder = new PhraseFinder(words, options);
        var vectors = new float[names.Count * words.Dimension];
        var origins = new string[names.Count];
        var missing = new List<string>();
        for (var i = 0; i < names.Count; i++)
            if (finder.TryFind(names[i], vectors.AsSpan(i * words.Dimension, words.Dimension), out var match)) origins[i] = match.How;
            else missing.Add(names[i]);
        if (missing.Count > 0)
            throw new DeviseInputException($"{vecPath}: no vector for {missing.Count} of {names.Count} labels: {Spelling.Suggest(missing, vecPath)}{(words.BadRows > 0 ? $"; {words.BadRows} rows of the file cannot be read, the first: {words.FirstBadRow}; the row is left out" : "")}");
        return new(names, vectors, origins);
    }

    /// <summary>Writes the labels as a <c>.vec</c> file whose values read back exactly.</summary>
    internal void WriteVec(string path)
    {
        CheckVec();
        WholeFile.WriteText(path, WriteVec);
    }

    /// <summary>Throws where <see cref="WriteVec(string)"/> would write what does not read back: before work, not at its end.</summary>
    /// <exception cref="DeviseInputException">A name that cannot be told from the values after it.</exception>
    internal void CheckVec()
    {
        foreach (var name in Names)
            if (name.Contains('\n') || (name.LastIndexOf(' ') is >= 0 and var space && FloatText.IsNumber(Encoding.UTF8.GetBytes(name[(space + 1)..]))))
                throw new DeviseInputException($"label '{name.ReplaceLineEndings(" ")}': its last word is a number after a space, or it has several lines, so a file of word vectors cannot hold it; join words with '+' ('{name.ReplaceLineEndings("+").Replace(' ', '+')}')");
    }

    private void WriteVec(TextWriter writer)
    {
        writer.Write(string.Create(CultureInfo.InvariantCulture, $"{Names.Count} {Dimension}\n"));
        for (var i = 0; i < Names.Count; i++)
        {
            writer.Write(Names[i]);
            foreach (var value in Vector(i)) writer.Write(string.Create(CultureInfo.InvariantCulture, $" {value:R}"));
            writer.Write('\n');
        }
    }

    /// <summary>
    /// These labels and every word of a file that does not spell one of them (<c>giant_panda</c> for <c>giant+panda</c>). A word without
    /// direction, which cannot be near anything, is left out.
    /// </summary>
    /// <param name="path">Word vectors of any kind, see <see cref="WordVectors.Open"/>.</param>
    /// <param name="transform">What the labels' vectors went through; null for nothing.</param>
    /// <param name="remark">Told what was left out of the file, a line each.</param>
    /// <param name="progress">Told rows read and rows there are, as far as the file says, while it is read.</param>
    /// <param name="cancellation">Ends reading.</param>
    /// <exception cref="DeviseInputException">A bad file, vectors of another size, or more words than fit.</exception>
    internal LabelSpace WithWords(string path, LabelTransform? transform, Action<string>? remark = null, Action<long, long?>? progress = null, CancellationToken cancellation = default)
    {
        var spelled = Names.SelectMany(Phrases.Whole).ToHashSet(StringComparer.Ordinal);
        using var words = WordVectors.OpenWatched(path, word => !spelled.Contains(word), progress, cancellation);
        foreach (var line in words.Remarks) remark?.Invoke(line);
        if (words.Dimension != Dimension) throw new DeviseInputException($"{path}: {words.Dimension} values a word, the labels have {Dimension}; name the file that the model was trained with");
        var most = Names.Count + words.Count - (long)spelled.Count(words.Contains);
        if (most * Dimension > Array.MaxLength) throw new DeviseInputException($"{path}: {words.Count:N0} words of {Dimension} values are too many to be labels, expected at most {Array.MaxLength / Dimension:N0}");
        var (names, vectors, word) = (new List<string>(Names), new float[most * Dimension], new float[Dimension]);
        // A fastText model can have words that are no valid text, and are alike when they are read.
        var taken = new HashSet<string>(Names, StringComparer.Ordinal);
        _vectors.CopyTo(vectors, 0);
        for (var i = 0; i < words.Count; i++)
        {
            if ((i & 0xFFFF) == 0) cancellation.ThrowIfCancellationRequested();
            if (spelled.Contains(words.Word(i))) continue;
            words.Read(i, word);
            var unit = vectors.AsSpan(names.Count * Dimension, Dimension);
            if ((transform?.TryApply(word, unit) ?? Phrases.TryNormalize(word, unit)) && words.Word(i) is var name && taken.Add(name)) names.Add(name);
        }
        return new(names.Count < most ? vectors[..(names.Count * Dimension)] : vectors, names, null);
    }

    /// <summary>Reads every word of a file as a label: a whole vocabulary to choose from. 1 M words of 300 values take 2.6 GB while they are read, 1.4 GB afterwards.</summary>
    /// <param name="path">Word vectors of any kind, see <see cref="WordVectors.Open"/>.</param>
    /// <exception cref="DeviseInputException">The file is missing, any row of it is not as expected, or a vector is zero; <c>devise vectors import</c> makes a file without such rows.</exception>
    public static LabelSpace ReadVec(string path)
    {
        using var words = WordVectors.Open(path);
        if (words is LoadedVectors loaded) loaded.RequireWhole();
        if ((long)words.Count * words.Dimension > Array.MaxLength) throw new DeviseInputException($"{path}: {words.Count:N0} words of {words.Dimension} values are too many to be labels, expected at most {Array.MaxLength / words.Dimension:N0}");
        var vectors = new float[words.Count * words.Dimension];
        for (var i = 0; i < words.Count; i++) words.Read(i, vectors.AsSpan(i * words.Dimension, words.Dimension));
        return new(vectors, words.Words, null);
    }
}

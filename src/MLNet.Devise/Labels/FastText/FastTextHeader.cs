using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Labels.FastText;

/// <summary>How a model was trained, as far as its vectors depend on it. Places are bytes of the file.</summary>
/// <param name="Dimension">Values a word.</param>
/// <param name="Buckets">Rows for n-grams.</param>
/// <param name="Shortest">Characters of the shortest n-gram.</param>
/// <param name="Longest">Characters of the longest; 0 for none.</param>
/// <param name="End">Where the dictionary begins.</param>
internal sealed record FastTextHeader(int Dimension, int Buckets, int Shortest, int Longest, long End)
{
    private const int Arguments = 12, Supervised = 3, MaxGram = 100;

    /// <exception cref="DeviseInputException">The file is cut, of another version, or its numbers are out of range.</exception>
    public static FastTextHeader Read(MappedFile file)
    {
        const long End = 8 + 4 * Arguments + 8;
        if (file.Length < End) throw Bad(file, $"{file.Length} bytes, too few for a header");
        var version = file.Value<int>(4);
        if (version is not (11 or 12)) throw new DeviseInputException($"{file.Path}: a fastText model of version {version}, this program reads 11 and 12; save it with fastText 0.9, or its vectors as .vec");
        var arguments = file.Span<int>(8, Arguments);
        var (dimension, model, buckets, shortest, longest) = (arguments[0], arguments[7], arguments[8], arguments[9], arguments[10]);
        if (dimension is < 1 or > FormatSniffer.MaxDimension || model is < 1 or > Supervised || buckets < 0 || shortest is < 0 or > MaxGram || longest is < 0 or > MaxGram)
            throw Bad(file, $"{dimension} values a word, model {model}, {buckets} buckets, n-grams of {shortest} to {longest} characters: out of range");
        // Supervised models of version 11 were trained without n-grams, whatever they say.
        return new(dimension, buckets, shortest, version == 11 && model == Supervised ? 0 : longest, End);
    }

    public static DeviseInputException Bad(MappedFile file, string what) => new($"{file.Path}: a damaged fastText model: {what}; fetch or train it again");
}

using System.Globalization;
using System.Numerics.Tensors;

namespace MLNet.Devise.Data.Sample;

/// <summary>
/// Made-up word vectors with the structure of real ones: words of a family (colours, shapes, things) share a direction, near words
/// (red, orange) share another. Cosines are about 0.25 in a family, 0.45 between near words, 0 across families.
/// </summary>
internal static class SampleVectors
{
    public const int Dimensions = 300;

    private const float FamilyShare = 0.25f;
    private const float NearShare = 0.2f;

    // Each line: a family, then its words; those joined by a slash are near each other. All labels' words, and some to distract.
    private static readonly (string Family, string[] Words)[] Families =
    [
        ("colour", ["red/orange/pink/brown", "yellow/gold", "green", "turquoise", "blue/purple", "white/grey/silver", "black"]),
        ("shape", ["circle/ring/oval", "square/diamond/hexagon", "triangle", "star/cross", "heart", "crescent", "arrow", "spiral"]),
        ("thing", ["apple/banana", "river", "horse/dog", "lamp", "bridge", "window"]),
    ];

    public static IReadOnlyList<string> Words { get; } = [.. Families.SelectMany(family => family.Words).SelectMany(near => near.Split('/'))];

    /// <summary>The text format of word2vec and fastText: count and dimensions, then a word and its numbers a line.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="seed">Seed of the directions.</param>
    /// <param name="families">Families of words, near ones joined by a slash; <see langword="null"/> for those of the drawn sample.</param>
    public static void Write(TextWriter writer, long seed, (string Family, string[] Words)[]? families = null)
    {
        families ??= Families;
        writer.Write(string.Create(CultureInfo.InvariantCulture, $"{families.Sum(family => family.Words.Sum(near => near.Split('/').Length))} {Dimensions}\n"));
        foreach (var (family, groups) in families)
            foreach (var group in groups)
                foreach (var word in group.Split('/'))
                {
                    writer.Write(word);
                    foreach (var value in Of(word, group, family, seed)) writer.Write(string.Create(CultureInfo.InvariantCulture, $" {value:R}"));
                    writer.Write('\n');
                }
    }

    private static float[] Of(string word, string group, string family, long seed)
    {
        var near = group.Contains('/') ? NearShare : 0;
        var vector = new float[Dimensions];
        Add(vector, $"family {family}", FamilyShare, seed);
        Add(vector, $"near {group}", near, seed);
        Add(vector, $"word {word}", 1 - FamilyShare - near, seed);
        // Lengths differ as they do in real tables, where they carry frequency rather than meaning.
        var length = new Random(StableHash.Seed(seed, $"length {word}")).Between(1.5f, 3);
        TensorPrimitives.Multiply(vector, length / TensorPrimitives.Norm(vector), vector);
        return vector;
    }

    private static void Add(float[] vector, string direction, float share, long seed)
    {
        var random = new Random(StableHash.Seed(seed, direction));
        var part = new float[Dimensions];
        for (var i = 0; i < part.Length; i++) part[i] = random.Between(-1, 1);
        TensorPrimitives.MultiplyAdd(part, MathF.Sqrt(share) / TensorPrimitives.Norm(part), vector, vector);
    }
}

using System.Globalization;
using System.Numerics.Tensors;

namespace MLNet.Devise.Labels;

/// <summary>A word or phrase of a query and how much it counts.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Weight">Negative where it is taken off.</param>
public sealed record TextTerm(string Text, double Weight);

/// <summary>
/// Arithmetic with words: <c>king - man + woman</c>, <c>horse + 0.5 * stripes</c> (Mikolov et al. 2013, <i>Linguistic Regularities in
/// Continuous Space Word Representations</i>). <c>+</c> and <c>-</c> stand between spaces: <c>polar+bear</c> and <c>t-shirt</c> are names.
/// </summary>
public sealed class TextQuery
{
    private TextQuery(string text, IReadOnlyList<TextTerm> terms) => (Text, Terms) = (text, terms);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Its words and phrases, at least one.</summary>
    public IReadOnlyList<TextTerm> Terms { get; }

    /// <summary>Takes a query apart.</summary>
    /// <param name="text">Words and phrases with <c> + </c> or <c> - </c> between them, each optionally with a factor (<c>2 * horse</c>).</param>
    /// <exception cref="DeviseInputException">A word is missing, or a factor is not a finite number.</exception>
    public static TextQuery Parse(string text)
    {
        var terms = new List<TextTerm>();
        var (sign, words) = (1, new List<string>());
        var tokens = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i <= tokens.Length; i++)
        {
            var ends = i == tokens.Length || tokens[i] is "+" or "-" or "−";
            if (!ends) words.Add(tokens[i]);
            // A sign may stand before the first word.
            else if (words.Count > 0 || i > 0 || i == tokens.Length)
            {
                terms.Add(Term(text, string.Join(' ', words), sign));
                words.Clear();
            }
            if (ends && i < tokens.Length) sign = tokens[i] == "+" ? 1 : -1;
        }
        return new(text, terms);
    }

    /// <summary>Weighted sum of the terms' unit vectors, scaled to length 1.</summary>
    /// <param name="find">The unit vector of a word or phrase; throws where there is none.</param>
    /// <exception cref="DeviseInputException">The terms cancel out, or their vectors are of different sizes.</exception>
    public float[] Resolve(Func<string, float[]> find)
    {
        float[]? sum = null;
        foreach (var term in Terms)
        {
            var unit = find(term.Text);
            // One word alone is that word, to the last bit.
            if (Terms.Count == 1 && term.Weight == 1) return unit;
            sum ??= new float[unit.Length];
            if (unit.Length != sum.Length) throw new DeviseInputException($"'{term.Text}': {unit.Length} values, expected {sum.Length} as the words before it");
            TensorPrimitives.MultiplyAdd(unit, (float)term.Weight, sum, sum);
        }
        // What is left of unit vectors that cancel out is rounding.
        return TensorPrimitives.Norm<float>(sum) > 1e-5f * Terms.Max(term => Math.Abs(term.Weight)) && Phrases.TryNormalize(sum, sum) ? sum! : throw new DeviseInputException($"'{Text}': its words cancel out, expected something to be left");
    }

    private static TextTerm Term(string query, string text, int sign)
    {
        var weight = 1.0;
        if (text.IndexOf('*', StringComparison.Ordinal) is > 0 and var star && TryNumber(text[..star], out var factor)) (weight, text) = (factor, text[(star + 1)..].Trim());
        return text.Length > 0 && weight != 0 ? new(text, sign * weight) : throw new DeviseInputException($"'{query}': {(weight == 0 ? "a factor of 0" : "a word is missing")}, expected words with ' + ' or ' - ' between them, for instance 'king - man + woman' or 'horse + 0.5 * stripes'");
    }

    private static bool TryNumber(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) && Math.Abs(value) <= 1e6;
}

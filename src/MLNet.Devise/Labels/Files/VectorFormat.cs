namespace MLNet.Devise.Labels.Files;

/// <summary>How word vectors are written down.</summary>
internal enum VectorFormat
{
    /// <summary>Text with a header <c>words dimension</c>: fastText's <c>.vec</c>, word2vec's text.</summary>
    Text,
    /// <summary>Text without a header: GloVe's <c>.txt</c>.</summary>
    Glove,
    /// <summary>word2vec's <c>.bin</c>: a header as text, then words and single-precision values.</summary>
    Word2Vec,
    /// <summary>A whole fastText model, <c>.bin</c>.</summary>
    FastText,
    /// <summary>A cache of our own, made by <c>devise vectors import</c>.</summary>
    Cache,
}

/// <summary>What the beginning of a file says about the rest.</summary>
/// <param name="Format">How it is written.</param>
/// <param name="Dimension">Values a word; 0 where only the whole file tells.</param>
/// <param name="Count">Words that a header promises; null without one.</param>
internal sealed record VectorShape(VectorFormat Format, int Dimension = 0, int? Count = null)
{
    /// <summary>The format in words.</summary>
    public string Name => Format switch
    {
        VectorFormat.Text => "text with a header (fastText .vec, word2vec text)",
        VectorFormat.Glove => "text without a header (GloVe)",
        VectorFormat.Word2Vec => "word2vec .bin",
        VectorFormat.FastText => "fastText model (.bin)",
        _ => "vector cache",
    };
}

using MLNet.Devise.Scoring;

namespace MLNet.Devise.Evaluation;

/// <summary>What <c>EvaluateEmbeddings</c> reads and measures.</summary>
public sealed record EvaluateEmbeddingsOptions
{
    /// <summary>Classes trained on.</summary>
    public required IReadOnlyList<string> Seen { get; init; }

    /// <summary>Classes held out for zero-shot; may be empty.</summary>
    public IReadOnlyList<string> Unseen { get; init; } = [];

    /// <summary>Vector&lt;Single, D&gt; column of embeddings of length 1.</summary>
    public string EmbeddingColumnName { get; init; } = Columns.Embedding;

    /// <summary>Text or key column of true labels.</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Text column that names the images and decides ties; where there is none, rows are named by their number from 0.</summary>
    public string PathColumnName { get; init; } = Columns.Path;

    /// <summary>Text column with train, valid or test; where there is none, all rows count as test.</summary>
    public string SplitColumnName { get; init; } = "Split";

    /// <inheritdoc cref="EvaluationInput.Gamma"/>
    public double? Gamma { get; init; }

    /// <inheritdoc cref="EvaluationInput.Vocabulary"/>
    public Vocabulary? Vocabulary { get; init; }

    /// <inheritdoc cref="EvaluationInput.Hypernyms"/>
    public Hypernyms? Hypernyms { get; init; }

    /// <inheritdoc cref="EvaluationInput.Intervals"/>
    public BootstrapOptions Intervals { get; init; } = new();
}

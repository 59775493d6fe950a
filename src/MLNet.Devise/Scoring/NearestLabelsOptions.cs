namespace MLNet.Devise.Scoring;

/// <summary>What <c>NearestLabels</c> reads, how many labels it names, and what it calls its columns.</summary>
public sealed record NearestLabelsOptions
{
    /// <summary>Labels a row, 1 to the number of labels.</summary>
    public int K { get; init; } = 5;

    /// <summary>Vector&lt;Single, D&gt; column of embeddings; they need not have length 1.</summary>
    public string EmbeddingColumnName { get; init; } = Columns.Embedding;

    /// <summary>Vector&lt;Text, k&gt; column added: the nearest labels, best first.</summary>
    public string LabelsColumnName { get; init; } = Columns.Labels;

    /// <summary>Vector&lt;Single, k&gt; column added: their cosines.</summary>
    public string ScoresColumnName { get; init; } = Columns.Scores;

    /// <summary>Vector&lt;Single, labels&gt; column added: the cosine with every label, slots named by label.</summary>
    public string SimilarityColumnName { get; init; } = Columns.Similarity;

    /// <summary>
    /// Text column of statuses: rows whose status is not <c>ok</c> get empty labels and NaN scores. <see langword="null"/>: every row
    /// is ranked. A saved chain knows no status.
    /// </summary>
    public string? StatusColumnName { get; init; }

    internal NearestLabelsOptions Validated(int labels)
    {
        if (K < 1 || K > labels) throw new DeviseInputException($"k: {K}, expected 1 to {labels}, the number of labels");
        string[] read = StatusColumnName is null ? [EmbeddingColumnName] : [EmbeddingColumnName, StatusColumnName];
        ColumnNames.Check(read, [LabelsColumnName, ScoresColumnName, SimilarityColumnName]);
        return this;
    }
}

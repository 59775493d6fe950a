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

    /// <summary>Vector&lt;Single, k&gt; column added: their scores.</summary>
    public string ScoresColumnName { get; init; } = Columns.Scores;

    /// <summary>Vector&lt;Single, labels&gt; column added: the cosine with every label, slots named by label.</summary>
    public string SimilarityColumnName { get; init; } = Columns.Similarity;

    /// <summary>
    /// Key column added: the best label, missing where it is unknown or the row has none. In a saved chain it is a vector of one key, for
    /// ML.NET's ONNX transformer gives vectors only.
    /// </summary>
    public string PredictedLabelColumnName { get; init; } = Columns.PredictedLabel;

    /// <summary>Vector&lt;Single, labels&gt; column added: every label's score, or its probability where the ranking has a temperature.</summary>
    public string ScoreColumnName { get; init; } = Columns.Score;

    /// <summary>Vector&lt;Single, k&gt; column added where the ranking has a temperature: the named labels' probabilities.</summary>
    public string ProbabilitiesColumnName { get; init; } = Columns.Probabilities;

    /// <summary>How labels compete; by default by cosine alone.</summary>
    public LabelRanking Ranking { get; init; } = new();

    /// <summary>
    /// Text column of statuses: rows whose status is not <c>ok</c> get empty labels and NaN scores. <see langword="null"/>: every row
    /// is ranked. A saved chain knows no status.
    /// </summary>
    public string? StatusColumnName { get; init; }

    internal NearestLabelsOptions Validated()
    {
        string[] read = StatusColumnName is null ? [EmbeddingColumnName] : [EmbeddingColumnName, StatusColumnName];
        string[] added = [LabelsColumnName, ScoresColumnName, SimilarityColumnName, PredictedLabelColumnName, ScoreColumnName];
        ColumnNames.Check(read, Ranking.Temperature is null ? added : [.. added, ProbabilitiesColumnName]);
        return this;
    }
}

using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs.Formats;

/// <summary>The rules that every row of a score file keeps, whatever its format.</summary>
/// <param name="error">Makes an error at the row at hand of what was found and what was expected.</param>
internal sealed class ScoreRowCheck(Func<string, string, DeviseInputException> error)
{
    private int _dimension;

    /// <summary>The row, once it is known to be sound.</summary>
    public ScoredImage Row(string path, string status, string reason, string[] labels, float[] scores, float[]? embedding)
    {
        if (path is null || reason is null || labels is null || scores is null || labels.Contains(null)) throw error("a null", "texts and lists");
        if (!ImageStatusNames.TryParse(status, out var parsed)) throw error($"status '{status}'", ImageStatusNames.All);
        if (labels.Length != scores.Length) throw error($"{labels.Length} labels and {scores.Length} scores", "as many of the one as of the other");
        if (!scores.All(float.IsFinite)) throw error("a score that is not finite", "cosines, -1 to 1");
        if (embedding is not null)
        {
            if (!embedding.All(float.IsFinite)) throw error("an embedding that is not finite", "finite numbers");
            if (_dimension == 0) _dimension = embedding.Length;
            if (embedding.Length != _dimension || _dimension == 0) throw error($"an embedding of {embedding.Length} values", _dimension == 0 ? "some" : $"{_dimension} as in the rows before");
        }
        // Left to itself, a null array becomes an empty embedding instead of none.
        return new(path, parsed, reason, labels, scores, embedding is null ? default(ReadOnlyMemory<float>?) : embedding);
    }
}

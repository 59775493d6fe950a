using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Evaluation.Views;

/// <summary>Embedded images out of a data view.</summary>
internal static class EmbeddingRows
{
    /// <summary>The images, and how many rows had no embedding.</summary>
    public static (IReadOnlyList<LabelledEmbedding> Images, int Skipped) Read(IDataView data, LabelSpace labels, EvaluateEmbeddingsOptions options)
    {
        new ValueColumn(options.EmbeddingColumnName, NumberDataViewType.Single, labels.Dimension).Check(data.Schema);
        var label = data.Schema.GetColumnOrNull(options.LabelColumnName) ?? throw new DeviseInputException($"column '{options.LabelColumnName}': not among the columns {string.Join(", ", data.Schema.Select(column => column.Name).Distinct())}, expected the true labels");
        var (embedding, path, split) = (data.Schema[options.EmbeddingColumnName], data.Schema.GetColumnOrNull(options.PathColumnName), data.Schema.GetColumnOrNull(options.SplitColumnName));
        DataViewSchema.Column[] read = [embedding, label, .. path is { } p ? [p] : (DataViewSchema.Column[])[], .. split is { } s ? [s] : (DataViewSchema.Column[])[]];
        using var cursor = data.GetRowCursor(read);
        var (vector, name) = (cursor.GetGetter<VBuffer<float>>(embedding), TextGetter.Of(cursor, label));
        var where = path is { } paths ? TextGetter.Of(cursor, paths) : () => cursor.Position.ToString("D9", CultureInfo.InvariantCulture);
        var which = split is { } splits ? TextGetter.Of(cursor, splits) : null;
        var (images, skipped, values) = (new List<LabelledEmbedding>(), 0, default(VBuffer<float>));
        while (cursor.MoveNext())
        {
            vector(ref values);
            float[] unit = [.. values.DenseValues()];
            // Of bad images EmbedImages gives NaN or, where asked to, the vector of zeros.
            if (name() is not { Length: > 0 } truth || !TensorPrimitives.IsFiniteAll<float>(unit) || !unit.AsSpan().ContainsAnyExcept(0f))
            {
                skipped++;
                continue;
            }
            images.Add(new(where() ?? "", truth, which is null ? Split.Test : Parse(which(), cursor.Position, options.SplitColumnName), unit));
        }
        return (images, skipped);
    }

    private static Split Parse(string? text, long row, string column) =>
        SplitNames.TryParse(text, out var split) ? split
        : throw new DeviseInputException($"column '{column}', row {row}: '{text}', expected train, valid or test");
}

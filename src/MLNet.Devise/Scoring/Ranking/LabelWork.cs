using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Scoring.Ranking;

/// <summary>The labels of one cursor's row at hand.</summary>
internal sealed class LabelWork : RowWork
{
    private readonly LabelRanker _ranker;
    private readonly ValueGetter<VBuffer<float>> _getEmbedding;
    private readonly ValueGetter<ReadOnlyMemory<char>>? _getStatus;
    private readonly RankedLabels _ranked;
    private readonly ReadOnlyMemory<char>[] _best;
    private readonly float[] _dense;
    private VBuffer<float> _embedding;
    private ReadOnlyMemory<char> _status;

    public LabelWork(LabelRanker ranker, DataViewRow input) : base(input)
    {
        _ranker = ranker;
        _getEmbedding = input.GetGetter<VBuffer<float>>(input.Schema[ranker.Options.EmbeddingColumnName]);
        if (ranker.Options.StatusColumnName is { } status) _getStatus = input.GetGetter<ReadOnlyMemory<char>>(input.Schema[status]);
        (_ranked, _best, _dense) = (new(ranker.Scorer), new ReadOnlyMemory<char>[ranker.Options.K], new float[ranker.Scorer.Labels.Dimension]);
    }

    public override Delegate Getter(int output) => output switch
    {
        0 => (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)GetLabels,
        1 => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => Fill(ref value, Refreshed().BestScores)),
        2 => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => Fill(ref value, Refreshed().Similarity)),
        3 => (ValueGetter<uint>)GetPredicted,
        4 => (ValueGetter<VBuffer<float>>)GetScore,
        _ => Probabilities(),
    };

    public static void Fill<T>(ref VBuffer<T> value, ReadOnlySpan<T> items)
    {
        var editor = VBufferEditor.Create(ref value, items.Length);
        items.CopyTo(editor.Values);
        value = editor.Commit();
    }

    protected override void Compute()
    {
        _getStatus?.Invoke(ref _status);
        if (_getStatus is not null && !_status.Span.SequenceEqual(ImageStatus.Ok.Name()))
        {
            _ranked.Clear();
            return;
        }
        _getEmbedding(ref _embedding);
        if (_embedding.Length != _dense.Length)
            throw new DeviseInputException($"column '{_ranker.Options.EmbeddingColumnName}': a row of {_embedding.Length} values, expected {_dense.Length}");
        _embedding.CopyTo(_dense);
        _ranker.Scorer.Rank(_dense, _ranked);
    }

    private RankedLabels Refreshed()
    {
        Refresh();
        return _ranked;
    }

    private void GetLabels(ref VBuffer<ReadOnlyMemory<char>> value)
    {
        var best = Refreshed().Best;
        for (var i = 0; i < best.Length; i++) _best[i] = _ranker.Scorer.Name(best[i]).AsMemory();
        Fill(ref value, _best);
    }

    /// <summary>Keys count from 1; 0 is the missing one.</summary>
    private void GetPredicted(ref uint value)
    {
        var best = Refreshed().Best[0];
        value = best >= 0 && best < _ranked.Similarity.Length ? (uint)best + 1 : 0;
    }

    private void GetScore(ref VBuffer<float> value)
    {
        var score = Refreshed().Score;
        var editor = VBufferEditor.Create(ref value, score.Length);
        _ranker.Scorer.Probabilities(score, editor.Values);
        value = editor.Commit();
    }

    private ValueGetter<VBuffer<float>> Probabilities()
    {
        var all = new float[_ranked.Similarity.Length];
        return (ref VBuffer<float> value) =>
        {
            var ranked = Refreshed();
            _ranker.Scorer.Probabilities(ranked.Score, all);
            var editor = VBufferEditor.Create(ref value, ranked.Best.Length);
            for (var i = 0; i < ranked.Best.Length; i++) editor.Values[i] = float.IsNaN(ranked.BestScores[i]) ? float.NaN : all[Search.TopK.Row(ranked.Keys[i])];
            value = editor.Commit();
        };
    }
}

namespace MLNet.Devise.Evaluation;

/// <summary>Search among all evaluated images, seen and unseen classes together.</summary>
/// <param name="TextToImage">Every class name that has images is a query.</param>
/// <param name="ImageToImage">Every image whose class has another one is a query among the others.</param>
public sealed record RetrievalReport(RetrievalMetrics TextToImage, RetrievalMetrics ImageToImage);

/// <summary>Quality of ranked results, mean over queries. An image is relevant if it has the query's label.</summary>
/// <param name="PrecisionAt10">Relevant among the first 10, out of 10 even where fewer are relevant or stored.</param>
/// <param name="Map">Mean average precision over the whole ranking (Manning et al. 2008, §8.4).</param>
/// <param name="Ndcg">Normalised discounted cumulative gain over the whole ranking, gain 1 for a relevant image at rank r, discounted by log2(r + 1) (Järvelin and Kekäläinen 2002).</param>
/// <param name="PrecisionAt10Seen">Precision at 10 of queries from seen classes.</param>
/// <param name="PrecisionAt10Unseen">… from unseen classes; null where there are none.</param>
/// <param name="PrecisionAt10Ceiling">What perfect ranking would reach; below 1 where classes have fewer than 10 relevant images.</param>
/// <param name="Chance">What random ranking would reach at 10.</param>
/// <param name="Queries">How many queries.</param>
/// <param name="At">The first 1, 5, 10 and 50 results.</param>
public sealed record RetrievalMetrics(
    double PrecisionAt10, double Map, double Ndcg, double? PrecisionAt10Seen, double? PrecisionAt10Unseen, double PrecisionAt10Ceiling, double Chance, int Queries, IReadOnlyList<RetrievalAt> At)
{
    /// <summary>Mean of the queries that have something to find.</summary>
    internal static RetrievalMetrics Of(IReadOnlyList<QueryOutcome> all, int seen)
    {
        QueryOutcome[] queries = [.. all.Where(query => query.Relevant > 0)];
        // No class has two images: nothing can be asked, and zero queries say so.
        if (queries.Length == 0) return new(0, 0, 0, null, null, 0, 0, 0, []);
        double? At10(Func<QueryOutcome, bool> which) => queries.Where(which).Select(query => (double?)query.At(10).Precision).Average();
        return new(
            queries.Average(query => query.At(10).Precision),
            queries.Average(query => query.AveragePrecision),
            queries.Average(query => query.Ndcg),
            At10(query => query.Label < seen),
            At10(query => query.Label >= seen),
            queries.Average(query => Math.Min(10, query.Relevant) / 10.0),
            queries.Average(query => Math.Min(10, query.Pool) / 10.0 * query.Relevant / query.Pool),
            queries.Length,
            [.. RankedResults.Depths.Select((k, i) => new RetrievalAt(
                k, queries.Average(query => query.AtDepths[i].Precision), queries.Average(query => query.AtDepths[i].Recall),
                queries.Average(query => query.AtDepths[i].Hit), queries.Average(query => query.AtDepths[i].Ndcg)))]);
    }
}

/// <summary>Quality of the first k results.</summary>
/// <param name="K">How many results.</param>
/// <param name="Precision">Relevant among them, out of k.</param>
/// <param name="Recall">Relevant among them, out of all relevant ones.</param>
/// <param name="Hit">Share of queries with anything relevant among them: what metric learning calls recall@k (Oh Song et al. 2016).</param>
/// <param name="Ndcg">Discounted gain, out of the most that k results can have.</param>
public sealed record RetrievalAt(int K, double Precision, double Recall, double Hit, double Ndcg);

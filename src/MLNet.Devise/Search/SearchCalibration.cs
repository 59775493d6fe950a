namespace MLNet.Devise.Search;

/// <summary>The effort that finds what is wanted, as <see cref="HnswIndex.Calibrate"/> measured it.</summary>
/// <param name="Ef">For <see cref="SearchOptions.Ef"/> or <see cref="HnswIndex.Ef"/>.</param>
/// <param name="Recall">Share of the true k nearest that it found for the queries, 0..1.</param>
/// <param name="Reached">Whether that is what was asked for; otherwise <paramref name="Ef"/> is the largest that was tried. A larger <see cref="VectorIndexOptions.M"/> helps then.</param>
public sealed record SearchCalibration(int Ef, double Recall, bool Reached)
{
    /// <summary>The largest ef tried.</summary>
    internal const int MostEf = 2048;

    /// <summary>The smallest ef, in steps of an eighth, whose recall is enough.</summary>
    internal static SearchCalibration Find(int k, double target, Func<int, double> recallAt)
    {
        for (var ef = Math.Max(8, k); ; ef += Math.Max(1, ef / 8))
        {
            var recall = recallAt(Math.Min(ef, MostEf));
            if (recall >= target || ef >= MostEf) return new(Math.Min(ef, MostEf), recall, recall >= target);
        }
    }
}

namespace MLNet.Devise.Scoring.Engine;

/// <summary>How the machine's processors are shared out.</summary>
/// <param name="Workers">Batches decoded and embedded at a time.</param>
/// <param name="IntraOpThreads">Threads of one run of the network.</param>
/// <param name="BatchSize">Images a run.</param>
internal sealed record EngineLayout(int Workers, int IntraOpThreads, int BatchSize)
{
    // Beyond a few images a run, a larger batch only takes memory and makes the first row wait.
    private const int DefaultBatch = 4;

    /// <summary>
    /// What was asked for, and for the rest: a worker a processor with one thread each, for decoding runs on one thread only; with fewer
    /// workers than processors, the network gets what is left over.
    /// </summary>
    /// <exception cref="DeviseInputException">A number is out of range.</exception>
    public static EngineLayout Of(int? workers, int? intraOpThreads, int? batchSize, int processors)
    {
        Check("workers", workers, 1024);
        Check("intraOpThreads", intraOpThreads, 1024);
        Check("batchSize", batchSize, 1024);
        var taken = workers ?? Math.Max(1, processors / (intraOpThreads ?? 1));
        return new(taken, intraOpThreads ?? Math.Max(1, processors / taken), batchSize ?? DefaultBatch);
    }

    private static void Check(string name, int? value, int most)
    {
        if (value < 1 || value > most) throw new DeviseInputException($"{name}: {value}, expected 1 to {most}");
    }
}

namespace MLNet.Devise.Scoring.Engine;

/// <summary>How the machine's processors are shared out.</summary>
/// <param name="Workers">Batches decoded and embedded at a time.</param>
/// <param name="IntraOpThreads">Threads of one run of the network.</param>
/// <param name="BatchSize">Images a run.</param>
internal sealed record EngineLayout(int Workers, int IntraOpThreads, int BatchSize)
{
    // What one run reads and writes should stay in a processor's own cache: the first maps of one image of 224 × 224 already make more
    // than fits. A network of many weights reads them once a run, whatever the batch. Measured: SqueezeNet 8.8 ms an image in a batch of one,
    // 9.4 in one of four, 10.5 in one of eight (AVX2, 512 KB); of int8, the same in one of one, two and four (AVX-512, 2 MB).
    private const int CachedPixels = 224 * 224, LargeNetwork = 16 << 20, MostByDefault = 4;

    /// <summary>
    /// The same where this library computes the convolutions: their transformed weights are more than a near cache holds, and are read
    /// once a run. Measured: SqueezeNet 5.8 ms an image in a batch of one, 5.1 in one of four, 5.8 in one of eight (AVX2, 512 KB).
    /// </summary>
    public static int TrunkBatch(int side) => side <= 512 ? MostByDefault : 1;

    /// <summary>
    /// What was asked for, and for the rest: a worker a processor with one thread each, for decoding runs on one thread only; with fewer
    /// workers than processors, the network gets what is left over.
    /// </summary>
    /// <param name="workers">As asked for.</param>
    /// <param name="intraOpThreads">As asked for.</param>
    /// <param name="batchSize">As asked for.</param>
    /// <param name="processors">Of the machine.</param>
    /// <param name="side">Side of an image, pixels; 1 where no cache counts.</param>
    /// <param name="networkBytes">Size of the network's file.</param>
    /// <exception cref="DeviseInputException">A number is out of range.</exception>
    public static EngineLayout Of(int? workers, int? intraOpThreads, int? batchSize, int processors, int side, long networkBytes)
    {
        Check("workers", workers, 1024);
        Check("intraOpThreads", intraOpThreads, 1024);
        Check("batchSize", batchSize, 1024);
        var taken = workers ?? Math.Max(1, processors / (intraOpThreads ?? 1));
        return new(taken, intraOpThreads ?? Math.Max(1, processors / taken), batchSize ?? DefaultBatch(side, networkBytes));
    }

    private static int DefaultBatch(int side, long networkBytes) => networkBytes > LargeNetwork ? MostByDefault : Math.Clamp(CachedPixels / (side * side), 1, MostByDefault);

    private static void Check(string name, int? value, int most)
    {
        if (value < 1 || value > most) throw new DeviseInputException($"{name}: {value}, expected 1 to {most}");
    }
}

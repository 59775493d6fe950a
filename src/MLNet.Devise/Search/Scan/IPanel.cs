namespace MLNet.Devise.Search.Scan;

/// <summary>A block of a matrix product that fits into a processor's registers: some rows, transposed, with some queries.</summary>
internal unsafe interface IPanel
{
    /// <summary>Rows of a block, a multiple of four and at most 32.</summary>
    static abstract int Rows { get; }

    /// <summary>Queries of a block.</summary>
    static abstract int Queries { get; }

    /// <summary>Cosine of query q and row r to result[Rows · q + r].</summary>
    /// <param name="panel">Value d of row r at [Rows · d + r].</param>
    /// <param name="queries">Value d of query q at [Queries · d + q].</param>
    /// <param name="length">Values of a vector.</param>
    /// <param name="result">Rows × Queries.</param>
    static abstract void Multiply(float* panel, float* queries, int length, float* result);

    /// <summary>A bit for each row of one query whose cosine is not below the floor.</summary>
    static abstract uint AtLeast(float* cosines, float floor);
}

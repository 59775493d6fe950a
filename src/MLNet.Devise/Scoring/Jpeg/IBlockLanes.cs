namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>What <see cref="InverseTransform"/> computes with: one row of one or more pairs of blocks in a register.</summary>
/// <typeparam name="TShorts">A row of 16-bit numbers.</typeparam>
/// <typeparam name="TInts">Half of it, in 32 bits.</typeparam>
internal unsafe interface IBlockLanes<TShorts, TInts> where TShorts : struct where TInts : struct
{
    /// <summary>Pairs of blocks side by side.</summary>
    static abstract int Pairs { get; }

    /// <summary>A row of coefficients, each times its number.</summary>
    static abstract TShorts Scaled(short* pair, short* quantization);

    /// <summary>A row as samples around 128.</summary>
    static abstract void Store(TShorts row, byte* target);

    static abstract TShorts Sum(TShorts a, TShorts b);

    static abstract TShorts Difference(TShorts a, TShorts b);

    static abstract TInts Sum(TInts a, TInts b);

    static abstract TInts Difference(TInts a, TInts b);

    /// <summary>a · x + b · y of neighbours x and y.</summary>
    static abstract TInts Products(TShorts pairs, short a, short b);

    /// <summary>The values in the upper halves of pairs, less some bits.</summary>
    static abstract TInts Upper(TShorts pairs, int shift);

    /// <summary>Rounded values of two halves, without so many bits, in one row.</summary>
    static abstract TShorts Rounded(TInts low, TInts high, int shift);

    /// <summary>Alternately one of each, in parts of 16 bits, from the lower (upper) half of every eight numbers.</summary>
    static abstract TShorts Low16(TShorts a, TShorts b);

    /// <inheritdoc cref="Low16"/>
    static abstract TShorts High16(TShorts a, TShorts b);

    /// <summary>The same of pairs.</summary>
    static abstract TShorts Low32(TShorts a, TShorts b);

    /// <inheritdoc cref="Low32"/>
    static abstract TShorts High32(TShorts a, TShorts b);

    /// <summary>The same of fours.</summary>
    static abstract TShorts Low64(TShorts a, TShorts b);

    /// <inheritdoc cref="Low64"/>
    static abstract TShorts High64(TShorts a, TShorts b);
}

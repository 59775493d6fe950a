namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>What a block of a product is made of.</summary>
/// <param name="Segments">Runs of values that a row is made of: the rows of a convolution's window.</param>
/// <param name="Run">Values of a segment.</param>
/// <param name="Step">Values from a segment's start to the next one's.</param>
/// <param name="Pitch">Values from one row of the result to the next.</param>
/// <param name="Floor">The least of the result: 0 for a rectified layer, else −∞.</param>
internal readonly record struct BlockShape(int Segments, int Run, nint Step, nint Pitch, float Floor);

/// <summary>Some rows times a block of columns, as much as fits into a processor's registers.</summary>
internal unsafe interface IBlockProduct
{
    /// <summary>Columns of a block.</summary>
    static abstract int Columns { get; }

    /// <summary>result[r][c] = max(floor, bias[c] + Σᵢ rows[r][i] · weights[i][c]).</summary>
    /// <param name="rows">Where each row begins.</param>
    /// <param name="weights">Segments × Run × <see cref="Columns"/>.</param>
    /// <param name="bias">One a column.</param>
    /// <param name="result">The first row's first column.</param>
    /// <param name="shape">Of the product.</param>
    static abstract void Multiply<TRows>(float** rows, float* weights, float* bias, float* result, in BlockShape shape) where TRows : struct, IRowCount;
}

/// <summary>Chooses the kernel for a number of rows.</summary>
internal static unsafe class BlockProduct
{
    /// <summary>Most rows of a block.</summary>
    public const int Rows = 6;

    /// <summary><see cref="IBlockProduct.Multiply"/> of 1 to <see cref="Rows"/> rows.</summary>
    public static void Multiply<TProduct>(float** rows, int count, float* weights, float* bias, float* result, in BlockShape shape) where TProduct : struct, IBlockProduct
    {
        switch (count)
        {
            case 6: TProduct.Multiply<SixRows>(rows, weights, bias, result, shape); break;
            case 5: TProduct.Multiply<FiveRows>(rows, weights, bias, result, shape); break;
            case 4: TProduct.Multiply<FourRows>(rows, weights, bias, result, shape); break;
            case 3: TProduct.Multiply<ThreeRows>(rows, weights, bias, result, shape); break;
            case 2: TProduct.Multiply<TwoRows>(rows, weights, bias, result, shape); break;
            default: TProduct.Multiply<OneRow>(rows, weights, bias, result, shape); break;
        }
    }
}

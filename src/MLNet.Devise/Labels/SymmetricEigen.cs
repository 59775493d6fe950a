using System.Numerics;
using System.Runtime.InteropServices;

namespace MLNet.Devise.Labels;

/// <summary>
/// Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, <i>Matrix Computations</i>, §8.5):
/// slower than tridiagonalisation, but short, and exact to the last bits for small eigenvalues too. Half a second for 300×300.
/// </summary>
internal static class SymmetricEigen
{
    private const int MaxSweeps = 60;

    /// <param name="matrix">Row-major, size × size, symmetric; left as it is.</param>
    /// <param name="size">Rows.</param>
    /// <returns>Eigenvalues, largest first, and their unit eigenvectors as rows.</returns>
    public static (double[] Values, double[] Vectors) Solve(ReadOnlySpan<double> matrix, int size)
    {
        var (a, v) = (matrix.ToArray(), new double[size * size]);
        for (var i = 0; i < size; i++) v[i * size + i] = 1;
        var norm = Math.Sqrt(a.Sum(value => value * value));
        for (var sweep = 0; OffDiagonal(a, size) > 1e-14 * norm; sweep++)
        {
            if (sweep == MaxSweeps) throw new InvalidOperationException($"the eigenvalues of a {size}×{size} matrix did not settle in {MaxSweeps} sweeps; is it symmetric and finite?");
            for (var p = 0; p < size - 1; p++)
                for (var q = p + 1; q < size; q++)
                    if (Math.Abs(a[p * size + q]) > 1e-17 * norm) Annihilate(a, v, size, p, q);
        }
        var order = Enumerable.Range(0, size).OrderByDescending(i => a[i * size + i]).ToArray();
        return ([.. order.Select(i => a[i * size + i])], [.. order.SelectMany(i => v.AsSpan(i * size, size).ToArray())]);
    }

    /// <summary>Turns axes p and q so that their common element becomes 0.</summary>
    private static void Annihilate(double[] a, double[] v, int size, int p, int q)
    {
        var (app, aqq, apq) = (a[p * size + p], a[q * size + q], a[p * size + q]);
        var theta = (aqq - app) / (2 * apq);
        var tangent = (theta < 0 ? -1 : 1) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
        var cosine = 1 / Math.Sqrt(tangent * tangent + 1);
        Rotate(a.AsSpan(p * size, size), a.AsSpan(q * size, size), cosine, tangent * cosine);
        (a[p * size + p], a[q * size + q], a[p * size + q], a[q * size + p]) = (app - tangent * apq, aqq + tangent * apq, 0, 0);
        for (var k = 0; k < size; k++)
            if (k != p && k != q) (a[k * size + p], a[k * size + q]) = (a[p * size + k], a[q * size + k]);
        Rotate(v.AsSpan(p * size, size), v.AsSpan(q * size, size), cosine, tangent * cosine);
    }

    private static void Rotate(Span<double> first, Span<double> second, double cosine, double sine)
    {
        var wide = MemoryMarshal.Cast<double, Vector<double>>(first);
        var wideSecond = MemoryMarshal.Cast<double, Vector<double>>(second);
        for (var i = 0; i < wide.Length; i++)
            (wide[i], wideSecond[i]) = (cosine * wide[i] - sine * wideSecond[i], sine * wide[i] + cosine * wideSecond[i]);
        for (var i = wide.Length * Vector<double>.Count; i < first.Length; i++)
            (first[i], second[i]) = (cosine * first[i] - sine * second[i], sine * first[i] + cosine * second[i]);
    }

    private static double OffDiagonal(double[] a, int size)
    {
        var sum = 0.0;
        for (var i = 0; i < size; i++)
            for (var j = 0; j < size; j++)
                if (i != j) sum += a[i * size + j] * a[i * size + j];
        return Math.Sqrt(sum);
    }
}

using System.Numerics.Tensors;

namespace MLNet.Devise.Search;

/// <summary>Checks that what is compared by cosine has length 1: a dot product is a cosine only then.</summary>
internal static class UnitVectors
{
    /// <summary>Allowed |length − 1|: single precision and half-precision storage stay well below it.</summary>
    public const float Tolerance = 1e-3f;

    /// <summary>Throws unless the vector has the dimension and length 1. <paramref name="what"/> and <paramref name="name"/> say whose it is.</summary>
    public static void Check(ReadOnlySpan<float> vector, int dimension, string what, string name)
    {
        if (vector.Length != dimension) throw new DeviseInputException($"{what} '{name}': {vector.Length} values, expected {dimension}; was it made with other word vectors?");
        var norm = TensorPrimitives.Norm(vector);
        if (!(Math.Abs(norm - 1) <= Tolerance)) throw new DeviseInputException($"{what} '{name}': its vector has length {norm:G4}, expected 1; normalise it first");
    }
}

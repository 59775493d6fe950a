using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Devise.Training;

/// <summary>
/// Sums of tensors, and arithmetic of tensors with numbers. TorchSharp hands libtorch the address of an object of its own for each
/// number, and for the factor 1 of each sum, and holds nothing that keeps it: when the garbage collector runs during the call, on
/// whatever thread, libtorch reads freed memory, which is another number or none ("Unknown scalar type"). Here the object lives until
/// the call is over; a test sees to it that nothing else calls what makes numbers. A trailing underscore means in place, as in PyTorch.
/// </summary>
internal static class NumberArithmetic
{
    // A whole number fits tensors of every type.
    private static readonly Scalar One = 1.ToScalar();

    public static Tensor Plus(this Tensor tensor, Tensor other) => Kept(tensor.add(other, One), tensor, other);

    public static Tensor Plus(this Tensor tensor, double number) => Held(number, kept => tensor.add(kept, One));

    public static Tensor Minus(this Tensor tensor, double number) => Held(number, kept => tensor.sub(kept));

    /// <summary><paramref name="number"/> − tensor.</summary>
    public static Tensor TakenFrom(this Tensor tensor, double number) => tensor.negative().Plus(number);

    public static Tensor Times(this Tensor tensor, double number) => Held(number, kept => tensor.mul(kept));

    public static Tensor AtLeast(this Tensor tensor, double number) => Held(number, kept => tensor.clamp_min(kept));

    public static Tensor AtMost(this Tensor tensor, double number) => Held(number, kept => tensor.clamp_max(kept));

    /// <summary>Whether each value is at least <paramref name="number"/>.</summary>
    public static Tensor IsAtLeast(this Tensor tensor, double number) => Held(number, kept => tensor.ge(kept));

    public static Tensor Plus_(this Tensor tensor, Tensor other) => Kept(tensor.add_(other, One), tensor, other);

    public static Tensor Plus_(this Tensor tensor, double number) => Held(number, kept => tensor.add_(kept, One));

    /// <summary>tensor + 1, of whole numbers too.</summary>
    public static Tensor PlusOne_(this Tensor tensor) => tensor.add_(One, One);

    /// <summary>tensor + <paramref name="number"/> · <paramref name="other"/>.</summary>
    public static Tensor PlusTimes_(this Tensor tensor, Tensor other, double number) => Held(number, kept => tensor.add_(other, alpha: kept));

    /// <summary>tensor + <paramref name="number"/> · <paramref name="left"/> · <paramref name="right"/>.</summary>
    public static Tensor PlusProduct_(this Tensor tensor, Tensor left, Tensor right, double number) => Held(number, kept => tensor.addcmul_(left, right, value: kept));

    /// <summary>tensor + <paramref name="number"/> · <paramref name="left"/> / <paramref name="right"/>.</summary>
    public static Tensor PlusQuotient_(this Tensor tensor, Tensor left, Tensor right, double number) => Held(number, kept => tensor.addcdiv_(left, right, value: kept));

    public static Tensor Times_(this Tensor tensor, double number) => Held(number, kept => tensor.mul_(kept));

    public static Tensor Over_(this Tensor tensor, double number) => Held(number, kept => tensor.div_(kept));

    private static Tensor Kept(Tensor result, Tensor left, Tensor right)
    {
        GC.KeepAlive(left);
        GC.KeepAlive(right);
        return result;
    }

    private static Tensor Held(double number, Func<Scalar, Tensor> operation)
    {
        using var kept = number.ToScalar();
        var result = operation(kept);
        GC.KeepAlive(operation); // and with it the tensors
        return result;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2). On the processor all of a parameter's
/// arithmetic is done in one pass over its memory: of a head alone, ten small operations each would be most of a step.
/// </summary>
internal sealed class AdamW(IReadOnlyList<LayerGroup> groups, double beta2, double weightDecay) : IDisposable
{
    private const double Epsilon = 1e-8;

    private readonly Part[][] _parts = [.. groups.Select(group => group.Parameters.Select(parameter => new Part(parameter)).ToArray())];

    /// <summary>A parameter and the running means of its gradient and of its gradient's square.</summary>
    public sealed record Part(Parameter Parameter)
    {
        public Tensor Mean { get; } = Zeros(Parameter);

        public Tensor Square { get; } = Zeros(Parameter);

        public long Steps { get; set; }

        private static Tensor Zeros(Tensor like)
        {
            using var untracked = no_grad();
            return zeros_like(like).DetachFromDisposeScope();
        }
    }

    /// <summary>All parts, in the order of the groups.</summary>
    public IEnumerable<Part> Parts => _parts.SelectMany(parts => parts);

    /// <summary>Share of its peak learning rate that every group has now.</summary>
    public double RateFactor { get; set; } = 1;

    /// <summary>β1, the decay a step of the gradient's mean.</summary>
    public double Momentum { get; set; } = 0.9;

    /// <summary>Changes every parameter that has a gradient, and takes the gradient away: the next one need not be added to zeros.</summary>
    public void Step()
    {
        using var untracked = no_grad();
        foreach (var (group, parts) in groups.Zip(_parts))
            foreach (var part in parts)
            {
                if (part.Parameter.grad is not { } gradient) continue;
                part.Steps++;
                var rate = group.Rate * RateFactor;
                var numbers = new Numbers(
                    (float)(1 - rate * (group.Decays ? weightDecay : 0)), (float)Momentum, (float)beta2,
                    (float)(rate / (1 - Math.Pow(Momentum, part.Steps))), (float)(1 / Math.Sqrt(1 - Math.Pow(beta2, part.Steps))));
                using (gradient) Change(part, gradient, numbers);
                part.Parameter.grad = null;
            }
    }

    public void Dispose()
    {
        foreach (var part in Parts)
        {
            part.Mean.Dispose();
            part.Square.Dispose();
        }
    }

    private static void Change(Part part, Tensor gradient, Numbers numbers)
    {
        using var scope = NewDisposeScope();
        if (part.Parameter.device_type != DeviceType.CPU || part.Parameter.dtype != ScalarType.Float32 || !part.Parameter.is_contiguous())
        {
            Whole(part, gradient, numbers);
            return;
        }
        // Convolutions give gradients in the memory order of their images.
        var ordered = gradient.contiguous();
        Fused(Values(part.Parameter), Values(ordered), Values(part.Mean), Values(part.Square), numbers);
    }

    private static Span<float> Values(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>One pass. Compiled well at once: what is quickly compiled takes a good part of a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Fused(Span<float> weights, ReadOnlySpan<float> gradients, Span<float> means, Span<float> squares, Numbers numbers)
    {
        var w = MemoryMarshal.Cast<float, Vector<float>>(weights);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradients);
        var m = MemoryMarshal.Cast<float, Vector<float>>(means);
        var v = MemoryMarshal.Cast<float, Vector<float>>(squares);
        var (keep, beta1, beta2, rate, scale, epsilon) = (new Vector<float>(numbers.Keep), new Vector<float>(numbers.Beta1), new Vector<float>(numbers.Beta2), new Vector<float>(numbers.Rate), new Vector<float>(numbers.Scale), new Vector<float>((float)Epsilon));
        var (rest1, rest2) = (Vector<float>.One - beta1, Vector<float>.One - beta2);
        for (var i = 0; i < w.Length; i++)
        {
            var gradient = g[i];
            var mean = m[i] = m[i] * beta1 + gradient * rest1;
            var square = v[i] = v[i] * beta2 + gradient * gradient * rest2;
            w[i] = w[i] * keep - rate * mean / (Vector.SquareRoot(square) * scale + epsilon);
        }
        for (var i = w.Length * Vector<float>.Count; i < weights.Length; i++)
        {
            means[i] = means[i] * numbers.Beta1 + gradients[i] * (1 - numbers.Beta1);
            squares[i] = squares[i] * numbers.Beta2 + gradients[i] * gradients[i] * (1 - numbers.Beta2);
            weights[i] = weights[i] * numbers.Keep - numbers.Rate * means[i] / (MathF.Sqrt(squares[i]) * numbers.Scale + (float)Epsilon);
        }
    }

    /// <summary>The same by tensor operations, on any device.</summary>
    private static void Whole(Part part, Tensor gradient, Numbers numbers)
    {
        part.Mean.Times_(numbers.Beta1).PlusTimes_(gradient, 1 - numbers.Beta1);
        part.Square.Times_(numbers.Beta2).PlusProduct_(gradient, gradient, 1 - numbers.Beta2);
        part.Parameter.Times_(numbers.Keep).PlusQuotient_(part.Mean, part.Square.sqrt().Times_(numbers.Scale).Plus_(Epsilon), -numbers.Rate);
    }

    /// <summary>A step's constants: weight kept by decay, β1, β2, learning rate over 1 − β1ᵗ, and 1 over √(1 − β2ᵗ).</summary>
    internal readonly record struct Numbers(float Keep, float Beta1, float Beta2, float Rate, float Scale);
}

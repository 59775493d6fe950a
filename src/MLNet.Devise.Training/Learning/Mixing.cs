using static TorchSharp.torch;

namespace MLNet.Devise.Training.Learning;

/// <summary>Mixing the images of a batch with each other: mixup and CutMix.</summary>
internal static class Mixing
{
    /// <summary>Draws how a batch is mixed; the same generator state gives the same plan. Null where chance, or the options, leave it alone.</summary>
    /// <param name="options">Kinds and chances.</param>
    /// <param name="random">Numbers, for this batch only: how many are drawn depends on them.</param>
    /// <param name="count">Images of the batch.</param>
    /// <param name="side">Their side, pixels.</param>
    public static MixPlan? Plan(MixOptions options, Random random, int count, int side)
    {
        var (chance, kind) = (random.NextDouble(), random.NextDouble());
        if (chance >= options.Probability || options is { Mixup: 0, Cutmix: 0 }) return null;
        var cut = options.Cutmix > 0 && (options.Mixup == 0 || kind < 0.5);
        var share = Beta(random, cut ? options.Cutmix : options.Mixup);
        var partners = new long[count];
        for (var i = 0; i < count; i++) partners[i] = i;
        random.Shuffle(partners);
        if (!cut) return new(share, partners, null);
        var patch = Patch(random, share, side);
        return new(1 - (double)patch.Width * patch.Height / side / side, partners, patch);
    }

    /// <summary>A square of area 1 − <paramref name="share"/> around any point; what lies outside of the image is cut off.</summary>
    private static MixPatch Patch(Random random, double share, int side)
    {
        var half = side * Math.Sqrt(1 - share) / 2;
        var (x, y) = (random.NextDouble() * side, random.NextDouble() * side);
        int Edge(double at) => (int)Math.Clamp(Math.Round(at), 0, side);
        return new(Edge(x - half), Edge(y - half), Edge(x + half) - Edge(x - half), Edge(y + half) - Edge(y - half));
    }

    /// <summary>A number of Beta(α, α): a gamma number over the sum of two, by logarithms, for small α underflows.</summary>
    internal static double Beta(Random random, double alpha)
    {
        var (a, b) = (LogGamma(random, alpha), LogGamma(random, alpha));
        return 1 / (1 + Math.Exp(b - a));
    }

    /// <summary>Logarithm of a number of Gamma(α, 1), after Marsaglia and Tsang 2000, <i>A Simple Method for Generating Gamma Variables</i>.</summary>
    private static double LogGamma(Random random, double alpha)
    {
        // Theirs is for α ≥ 1: a number of Gamma(α + 1) times U^(1/α) is one of Gamma(α).
        if (alpha < 1) return LogGamma(random, alpha + 1) + Math.Log(1 - random.NextDouble()) / alpha;
        var d = alpha - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            var v = Math.Pow(1 + c * normal, 3);
            if (v > 0 && Math.Log(1 - random.NextDouble()) < normal * normal / 2 + d - d * v + d * Math.Log(v)) return Math.Log(d * v);
        }
    }
}

/// <summary>How a batch is mixed. The loss is <c>Share · L(y) + (1 − Share) · L(y[Partners])</c>.</summary>
/// <param name="Share">What each image keeps: of its light in mixup, exactly of its pixels in CutMix.</param>
/// <param name="Partners">For each image, the position of the one mixed into it; a permutation, in which some may meet themselves.</param>
/// <param name="Patch">The rectangle that comes from the partner; null for mixup.</param>
internal sealed record MixPlan(double Share, long[] Partners, MixPatch? Patch)
{
    /// <summary>The mixed images, N×3×H×W in the memory order that <paramref name="pixels"/> has; those stay as they are.</summary>
    public Tensor Apply(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        // index_select lays its result out row by row whatever it is given: select in the order that the bytes lie in.
        var channelsLast = pixels.stride(1) == 1;
        var stored = channelsLast ? pixels.permute(0, 2, 3, 1) : pixels;
        var partners = tensor(Partners, device: pixels.device);
        Tensor mixed;
        if (Patch is { } patch)
        {
            Tensor Inside(Tensor images) => images.narrow(channelsLast ? 1 : 2, patch.Y, patch.Height).narrow(channelsLast ? 2 : 3, patch.X, patch.Width);
            mixed = stored.clone();
            Inside(mixed).copy_(Inside(stored).index_select(0, partners));
        }
        else mixed = stored.index_select(0, partners).Times_(1 - Share).PlusTimes_(stored, Share);
        return (channelsLast ? mixed.permute(0, 3, 1, 2) : mixed).MoveToOuterDisposeScope();
    }
}

/// <summary>A rectangle of pixels.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
internal readonly record struct MixPatch(int X, int Y, int Width, int Height);

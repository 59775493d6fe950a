using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Learning;

/// <summary>Mixed batches against plain loops.</summary>
public sealed class MixingTests
{
    private const int Count = 5, Side = 12;

    public MixingTests() => TorchNative.Ensure();

    [Theory]
    [InlineData(true), InlineData(false)]
    public void Mixup_is_the_weighted_sum_with_the_partner(bool channelsLast) =>
        Check(new() { Mixup = 0.4 }, channelsLast, (plan, own, other, _, _) => (float)plan.Share * own + (float)(1 - plan.Share) * other);

    [Theory]
    [InlineData(true), InlineData(false)]
    public void Cutmix_takes_a_rectangle_from_the_partner(bool channelsLast) =>
        Check(new() { Cutmix = 1 }, channelsLast, (plan, own, other, x, y) =>
            plan.Patch is { } patch && x >= patch.X && x < patch.X + patch.Width && y >= patch.Y && y < patch.Y + patch.Height ? other : own);

    [Fact]
    public void A_share_in_cutmix_is_exactly_that_of_the_pixels_kept()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var plan = Mixing.Plan(new() { Cutmix = 1 }, new Random(seed), Count, Side)!;
            var kept = 0;
            for (var y = 0; y < Side; y++)
                for (var x = 0; x < Side; x++) if (plan.Patch is { } at && !(x >= at.X && x < at.X + at.Width && y >= at.Y && y < at.Y + at.Height)) kept++;
            Assert.Equal((double)kept / Side / Side, plan.Share, 1e-12);
            Assert.InRange(plan.Patch!.Value.X, 0, Side);
            Assert.InRange(plan.Patch.Value.X + plan.Patch.Value.Width, plan.Patch.Value.X, Side);
            Assert.InRange(plan.Patch.Value.Y + plan.Patch.Value.Height, plan.Patch.Value.Y, Side);
        }
    }

    [Theory]
    [InlineData(0.001), InlineData(0.2), InlineData(0.4), InlineData(1), InlineData(4), InlineData(100)]
    public void Shares_have_the_mean_and_the_variance_of_their_distribution(double alpha)
    {
        var random = new Random(1);
        var shares = Enumerable.Range(0, 20_000).Select(_ => Mixing.Beta(random, alpha)).ToArray();
        Assert.All(shares, share => Assert.InRange(share, 0, 1));
        Assert.Equal(0.5, shares.Average(), 0.012);
        var variance = 1 / (4 * (2 * alpha + 1));
        Assert.Equal(variance, shares.Average(share => (share - 0.5) * (share - 0.5)), variance * 0.05);
    }

    [Fact]
    public void A_plan_repeats_exactly_permutes_and_obeys_its_chances()
    {
        var both = new MixOptions { Mixup = 0.2, Cutmix = 1, Probability = 0.6 };
        var plans = Enumerable.Range(0, 3000).Select(seed => Mixing.Plan(both, new Random(seed), Count, Side)).ToArray();
        Assert.Equivalent(plans[1], Mixing.Plan(both, new Random(1), Count, Side), strict: true);
        Assert.InRange(plans.Count(plan => plan is null), 1100, 1300);
        Assert.InRange(plans.Count(plan => plan is { Patch: null }), 800, 1000);
        Assert.All(plans.OfType<MixPlan>(), plan => Assert.Equal([0, 1, 2, 3, 4], plan.Partners.Order()));
        Assert.Null(Mixing.Plan(new(), new Random(1), Count, Side));
        Assert.All(Enumerable.Range(0, 100), seed => Assert.Null(Mixing.Plan(new() { Mixup = 1 }, new Random(seed), Count, Side)!.Patch));
        Assert.All(Enumerable.Range(0, 100), seed => Assert.NotNull(Mixing.Plan(new() { Cutmix = 1 }, new Random(seed), Count, Side)!.Patch));
    }

    [Fact]
    public void The_loss_of_a_mixed_batch_weighs_own_and_partners_labels()
    {
        using var scope = NewDisposeScope();
        using var optimizer = new AdamW([], 0.99, 0);
        var outputs = tensor([1f, 10, 100], requires_grad: true);
        var objective = new Objective((output, labels) => (output * labels).sum(), output => output);
        var batch = new TrainingBatch(zeros(3, 3, Side, Side), tensor([10L, 20, 30]), []);
        var loss = TrainingStep.Run(_ => outputs, objective, optimizer, batch, new MixPlan(0.7, [2, 0, 1], null));
        Assert.Equal(0.7 * (10 + 200 + 3000) + 0.3 * (30 + 100 + 2000), loss, 1e-3);
    }

    private static void Check(MixOptions options, bool channelsLast, Func<MixPlan, float, float, int, int, float> expected)
    {
        using var scope = NewDisposeScope();
        var pixels = channelsLast ? rand(Count, Side, Side, 3).permute(0, 3, 1, 2) : rand(Count, 3, Side, Side);
        var before = Values(pixels);
        for (var seed = 0; seed < 20; seed++)
        {
            var plan = Mixing.Plan(options, new Random(seed), Count, Side)!;
            var mixed = plan.Apply(pixels);
            Assert.Equal(pixels.shape, mixed.shape);
            Assert.Equal(pixels.stride(), mixed.stride());
            var actual = Values(mixed);
            for (var (i, at) = (0, 0); i < Count; i++)
                for (var c = 0; c < 3; c++)
                    for (var y = 0; y < Side; y++)
                        for (var x = 0; x < Side; x++, at++)
                            Assert.Equal(expected(plan, before[at], before[at + (int)(plan.Partners[i] - i) * 3 * Side * Side], x, y), actual[at], 1e-6f);
        }
        Assert.Equal(before, Values(pixels));
    }

    private static float[] Values(Tensor images) => images.contiguous().data<float>().ToArray();
}

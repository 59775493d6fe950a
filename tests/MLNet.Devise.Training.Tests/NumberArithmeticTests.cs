using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests;

/// <summary>Tensors and numbers against plain arithmetic, while the garbage collector takes whatever nothing holds.</summary>
public sealed class NumberArithmeticTests
{
    private const int Length = 16;
    private static readonly float[] Left = [3, -2, 0.5f], Right = [4, 0.25f, -8];

    public NumberArithmeticTests() => TorchNative.Ensure();

    [Fact]
    public void Every_operation_computes_what_its_name_says()
    {
        Check(x => x.Plus(2), (x, _) => x + 2);
        Check(x => x.Minus(2), (x, _) => x - 2);
        Check(x => x.TakenFrom(2), (x, _) => 2 - x);
        Check(x => x.Times(2), (x, _) => x * 2);
        Check(x => x.AtLeast(0), (x, _) => Math.Max(x, 0));
        Check(x => x.AtMost(0), (x, _) => Math.Min(x, 0));
        Check(x => x.IsAtLeast(0.5).to(ScalarType.Float32), (x, _) => x >= 0.5f ? 1 : 0);
        Check(x => x.Plus(tensor(Right)), (x, y) => x + y);
        Check(x => x.Plus_(2), (x, _) => x + 2);
        Check(x => x.Plus_(tensor(Right)), (x, y) => x + y);
        Check(x => x.PlusOne_(), (x, _) => x + 1);
        Check(x => x.Times_(2), (x, _) => x * 2);
        Check(x => x.Over_(2), (x, _) => x / 2);
        Check(x => x.PlusTimes_(tensor(Right), 2), (x, y) => x + 2 * y);
        Check(x => x.PlusProduct_(tensor(Right), tensor(Right), 2), (x, y) => x + 2 * y * y);
        Check(x => x.PlusQuotient_(tensor(Right), tensor(Right), 2), (x, _) => x + 2);
    }

    [Fact]
    public void A_number_lives_until_it_was_read()
    {
        var ended = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref ended))
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            using var values = ones(Length).Times_(255);
            for (var i = 0; i < 100_000; i++)
            {
                values.Over_(255);
                Assert.Equal(1, values[Length - 1].item<float>());
                values.Times_(254).Plus_(values).Over_(2).PlusOne_(); // 254 + 254, halved, and one
                Assert.Equal(255, values[Length - 1].item<float>());
            }
        }
        finally
        {
            Volatile.Write(ref ended, true);
            collector.Join();
        }
    }

    private static void Check(Func<Tensor, Tensor> operation, Func<float, float, float> naive)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(Left.Zip(Right, naive), operation(tensor(Left)).data<float>().ToArray());
    }
}

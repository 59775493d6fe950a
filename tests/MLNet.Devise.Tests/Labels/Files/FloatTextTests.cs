using System.Globalization;
using System.Text;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Tests.Labels.Files;

public sealed class FloatTextTests
{
    [Fact]
    public void Numbers_of_every_shape_are_those_of_the_framework_to_the_last_bit()
    {
        var random = new Random(11);
        for (var i = 0; i < 150_000; i++) Same(Draw(random));
    }

    [Theory]
    [InlineData("0"), InlineData("-0"), InlineData("0.0"), InlineData("-0.0000"), InlineData(".5"), InlineData("5."), InlineData("-.5e3"), InlineData("+1.5"), InlineData("1E+05"), InlineData("1e-45"), InlineData("1e-46")]
    [InlineData("3.4028235e38"), InlineData("3.4028236e38"), InlineData("1e38"), InlineData("1.17549435e-38"), InlineData("16777217"), InlineData("16777219"), InlineData("0.1"), InlineData("9007199254740993"), InlineData("1e22"), InlineData("1e23")]
    // Between two floats, and a little beside it: rounding twice would go wrong.
    [InlineData("1.00000005960464477539"), InlineData("1.000000059604644775390625"), InlineData("1.0000000596046448"), InlineData("1.00000017881393421514957253748434595763683319091796875001")]
    [InlineData("33554434.99999999"), InlineData("33554435"), InlineData("33554435.00000001"), InlineData("00000000000000000000001.5"), InlineData("0.00000000000000000000000000001")]
    [InlineData(""), InlineData("-"), InlineData("."), InlineData("e5"), InlineData("1e"), InlineData("1e+"), InlineData("1.2.3"), InlineData("1-2"), InlineData("0x10"), InlineData("1,5"), InlineData("NaN"), InlineData("Infinity"), InlineData("1e39"), InlineData("--1"), InlineData("1\t"), InlineData("1e0000000001"), InlineData("1e999999999999")]
    public void Corners(string text) => Same(text);

    [Theory]
    [InlineData("1 2 3", true), InlineData("1 2", false), InlineData("1 2 3 4", false), InlineData("1  2 3", false), InlineData("1 2 3 ", false), InlineData(" 1 2 3", false), InlineData("1 2 x", false), InlineData("1 2 inf", false)]
    public void A_row_is_just_so_many_numbers(string text, bool expected) => Assert.Equal(expected, FloatText.TryReadRow(Encoding.ASCII.GetBytes(text), new float[3]));

    private static void Same(string text)
    {
        // Digits are read eight bytes at once where as many are left.
        Same(text, " 7");
        Same(text, " 7.25 -0.5 123456789");
    }

    private static void Same(string text, string after)
    {
        var at = 0;
        var read = FloatText.TryRead(Encoding.ASCII.GetBytes(text + after), ref at, out var value);
        var expected = float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) && float.IsFinite(parsed);
        Assert.True(expected == read, text);
        if (read) Assert.True((BitConverter.SingleToInt32Bits(parsed), text.Length) == (BitConverter.SingleToInt32Bits(value), at), $"{text}: {value:R}, expected {parsed:R}");
    }

    private static string Draw(Random random)
    {
        var any = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
        string Text(IFormattable value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
        return random.Next(7) switch
        {
            0 => Text(random.NextDouble() * 2 - 1, "F4"),
            1 => Text(random.NextDouble() * 20 - 10, "F" + random.Next(12)),
            2 => Text((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-12, 12)), "E" + random.Next(12)),
            3 => Text(any, "R"),
            4 => Text(random.NextDouble(), "R"),
            5 => Text(random.NextInt64(), "D"),
            // The middle of two floats, written with as many digits as there is room for.
            _ => Text(((double)any + BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(any) ^ 1)) / 2, "G" + random.Next(8, 18)),
        };
    }
}

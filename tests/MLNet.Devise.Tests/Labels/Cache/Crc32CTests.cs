using MLNet.Devise.Labels.Cache;

namespace MLNet.Devise.Tests.Labels.Cache;

public sealed class Crc32CTests
{
    [Fact]
    public void The_check_value_of_the_catalogue() => Assert.Equal(0xE3069283, Crc32C.Append(0, "123456789"u8));

    [Fact]
    public void Any_pieces_give_what_one_bit_after_the_other_gives()
    {
        var (random, bytes) = (new Random(3), new byte[1000]);
        random.NextBytes(bytes);
        for (var turn = 0; turn < 50; turn++)
        {
            var crc = 0u;
            for (var at = 0; at < bytes.Length;)
            {
                var piece = Math.Min(random.Next(1, 40), bytes.Length - at);
                crc = Crc32C.Append(crc, bytes.AsSpan(at, piece));
                at += piece;
            }
            Assert.Equal(Bitwise(bytes), crc);
        }
    }

    private static uint Bitwise(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
        }
        return ~crc;
    }
}

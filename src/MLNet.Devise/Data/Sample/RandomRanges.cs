namespace MLNet.Devise.Data.Sample;

/// <summary>Ranges and chances, so that the drawing code reads as what it draws.</summary>
internal static class RandomRanges
{
    public static float Between(this Random random, float low, float high) => low + (high - low) * random.NextSingle();

    public static bool Chance(this Random random, double probability) => random.NextDouble() < probability;
}

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>A number of rows that the compiler knows, so that a kernel of fewer rows has no more instructions than it needs.</summary>
internal interface IRowCount
{
    static abstract int Value { get; }
}

internal readonly struct OneRow : IRowCount { public static int Value => 1; }

internal readonly struct TwoRows : IRowCount { public static int Value => 2; }

internal readonly struct ThreeRows : IRowCount { public static int Value => 3; }

internal readonly struct FourRows : IRowCount { public static int Value => 4; }

internal readonly struct FiveRows : IRowCount { public static int Value => 5; }

internal readonly struct SixRows : IRowCount { public static int Value => 6; }

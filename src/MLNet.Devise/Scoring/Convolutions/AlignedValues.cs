using System.Runtime.CompilerServices;

namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>Numbers that begin where a cache line does and do not move, so that vectors of them never lie across two lines.</summary>
internal sealed unsafe class AlignedValues
{
    private const int Line = 64;
    private readonly float[] _pinned;

    /// <param name="length">How many, all 0.</param>
    public AlignedValues(long length)
    {
        _pinned = GC.AllocateArray<float>(checked((int)(length + Line / sizeof(float))), pinned: true);
        Length = (int)length;
        Start = (float*)(((nuint)Unsafe.AsPointer(ref _pinned[0]) + Line - 1) & ~(nuint)(Line - 1));
    }

    public int Length { get; }

    /// <summary>The first; valid as long as this object is.</summary>
    public float* Start { get; }

    /// <summary>All of them.</summary>
    public Span<float> Span => new(Start, Length);
}

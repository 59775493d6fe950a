using System.Buffers;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>
/// The coded bits of a scan, without the zeros that follow each 0xFF in a file and without restart markers (ISO/IEC 10918-1, B.1.1.5):
/// a reader need not look at every byte.
/// </summary>
internal sealed class ScanData : IDisposable
{
    /// <summary>Zeros after the last interval: more than a block can take.</summary>
    public const int Padding = 512;

    private readonly List<int> _ends = [];

    /// <param name="coded">From the first coded byte to the end of the file.</param>
    /// <param name="mostRestarts">More restart markers than this make no sense, and end the scan.</param>
    public ScanData(ReadOnlySpan<byte> coded, int mostRestarts)
    {
        Bytes = ArrayPool<byte>.Shared.Rent(coded.Length + Padding);
        var (length, restarts) = (0, 0);
        while (true)
        {
            var run = coded.IndexOf((byte)0xFF) is var found && found < 0 ? coded.Length : found;
            coded[..run].CopyTo(Bytes.AsSpan(length));
            length += run;
            if (run + 2 > coded.Length) break;
            if (coded[run + 1] == 0) Bytes[length++] = 0xFF;
            else if (coded[run + 1] == 0xD0 + restarts % 8 && restarts < mostRestarts)
            {
                _ends.Add(length);
                restarts++;
            }
            else
            {
                Ended = true;
                break;
            }
            coded = coded[(run + 2)..];
        }
        _ends.Add(length);
        Bytes.AsSpan(length, Padding).Clear();
    }

    /// <summary>Intervals one after the other, then zeros.</summary>
    public byte[] Bytes { get; }

    /// <summary>Where each interval ends: at a restart marker, or at what else ends the scan.</summary>
    public IReadOnlyList<int> Ends => _ends;

    /// <summary>Whether a marker ends the scan, and not the data.</summary>
    public bool Ended { get; }

    public void Dispose() => ArrayPool<byte>.Shared.Return(Bytes);
}

using System.Runtime.Intrinsics;

namespace MLNet.Devise.Scoring.Jpeg;

/// <summary>One component while its picture is decoded: the coefficients of a row of units, and the samples so far.</summary>
internal sealed unsafe class ComponentPlane : IDisposable
{
    /// <summary>Side of a block.</summary>
    public const int Block = 8;

    private readonly JpegComponent _component;
    private readonly int _pairs, _halvings;
    private readonly short[] _coefficients;
    private readonly bool[] _flat;
    private readonly PinnedBytes _samples;
    private int _predictor;

    /// <param name="component">Whose.</param>
    /// <param name="unitsWide">Units of the scan side by side.</param>
    /// <param name="unitsHigh">Units below each other.</param>
    /// <param name="halvings">How often samples are to be halved in number, both ways.</param>
    public ComponentPlane(JpegComponent component, int unitsWide, int unitsHigh, int halvings)
    {
        var blocks = 2 * InverseTransform.Pairs;
        (_component, _halvings) = (component, halvings);
        _pairs = (unitsWide * component.Across + blocks - 1) / blocks * InverseTransform.Pairs;
        Stride = _pairs * 2 * Block;
        _coefficients = new short[component.Down * _pairs * InverseTransform.PairLength];
        _flat = new bool[component.Down * _pairs * 2];
        Array.Fill(_flat, true);
        _samples = new(Stride * unitsHigh * component.Down * Block + Vector256<byte>.Count);
    }

    /// <summary>Samples from row to row, a multiple of 16.</summary>
    public int Stride { get; }

    /// <summary>A row's first sample, while this is not disposed.</summary>
    public byte* Row(int y) => (byte*)_samples.Address + (nint)y * Stride;

    /// <summary>Begins a row of units.</summary>
    public void Clear() => Array.Clear(_coefficients);

    /// <summary>Begins an interval of the scan.</summary>
    public void Restart() => _predictor = 0;

    /// <summary>Reads the blocks of a unit; false where the data is damaged.</summary>
    public bool TryRead(ref ScanReader reader, int unit)
    {
        for (var down = 0; down < _component.Down; down++)
            for (var across = 0; across < _component.Across; across++)
            {
                var block = 2 * down * _pairs + unit * _component.Across + across;
                var coefficients = _coefficients.AsSpan((block >> 1) * InverseTransform.PairLength + (block & 1) * Block);
                if (!reader.TryBlock(_component, ref _predictor, coefficients, out _flat[block])) return false;
            }
        return true;
    }

    /// <summary>Coefficients → samples, of a row of units.</summary>
    public void Transform(int unitRow)
    {
        fixed (short* coefficients = _coefficients, quantization = _component.Quantization)
            for (var down = 0; down < _component.Down; down++)
            {
                var target = Row((unitRow * _component.Down + down) * Block);
                for (var pair = 0; pair < _pairs; pair += InverseTransform.Pairs, target += InverseTransform.Pairs * 2 * Block)
                {
                    var at = down * _pairs + pair;
                    var from = coefficients + (nint)at * InverseTransform.PairLength;
                    if (_flat.AsSpan(2 * at, 2 * InverseTransform.Pairs).Contains(false)) InverseTransform.Run(from, quantization, target, Stride);
                    else
                        for (var i = 0; i < InverseTransform.Pairs; i++)
                            InverseTransform.RunFlat(from + i * InverseTransform.PairLength, quantization, target + i * 2 * Block, Stride);
                }
            }
    }

    /// <summary>Halves a row of units that was transformed. Rows move up: what was there has been painted.</summary>
    public void Halve(int unitRow)
    {
        for (int level = 0, first = unitRow * _component.Down * Block, rows = _component.Down * Block, width = Stride; level < _halvings; level++)
        {
            (rows, width) = (rows / 2, width / 2);
            for (var row = 0; row < rows; row++) Halving.Run(Row(first + 2 * row), Row(first + 2 * row + 1), Row(first / 2 + row), width);
            first /= 2;
        }
    }

    public void Dispose() => _samples.Dispose();
}

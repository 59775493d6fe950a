using Microsoft.ML;

namespace MLNet.Devise.Scoring.Rows;

/// <summary>What one cursor needs to fill a transformer's columns: getters and the buffers behind them.</summary>
internal abstract class RowWork(DataViewRow input) : IDisposable
{
    private long _position = long.MinValue;

    /// <summary>The getter (<see cref="ValueGetter{TValue}"/>) of an active output.</summary>
    public abstract Delegate Getter(int output);

    /// <inheritdoc/>
    public virtual void Dispose() { }

    /// <summary>Reads the row at hand and computes what its columns share.</summary>
    protected abstract void Compute();

    /// <summary>Computes once a row, whichever of its columns is asked for first.</summary>
    protected void Refresh()
    {
        if (_position == input.Position) return;
        Compute();
        _position = input.Position;
    }
}

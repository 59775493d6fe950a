using System.Diagnostics;
using System.Globalization;
using MLNet.Devise.Jobs;

namespace MLNet.Devise.Cli;

/// <summary>Shows how far a scoring job has come, with rate and time left.</summary>
internal sealed class ScoreDisplay(Session session) : IDisposable
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ProgressLine _line = new(session, TimeSpan.FromSeconds(10));

    public void Show(ScoreProgress at)
    {
        var rate = at.Done / Math.Max(_clock.Elapsed.TotalSeconds, 1e-9);
        _line.Show(() => string.Create(CultureInfo.InvariantCulture, $"{at.Done}/{at.Total} images, {at.Bad} bad, {rate:F0} images/s, {TimeSpan.FromSeconds((at.Total - at.Done) / rate):h\\:mm\\:ss} left"));
    }

    public void Dispose() => _line.Dispose();
}

using System.Globalization;
using MLNet.Devise.Data;

namespace MLNet.Devise.Evaluation;

/// <summary>One epoch of training as <c>history.csv</c> keeps it.</summary>
/// <param name="Stage">1 (classification) or 2 (embedding).</param>
/// <param name="Phase"><c>frozen</c> or <c>unfrozen</c> backbone.</param>
/// <param name="Epoch">From 1, counted within the stage.</param>
/// <param name="TrainLoss">Mean loss over the epoch's batches: nats in stage 1, 1 − cosine in stage 2.</param>
/// <param name="ValidLoss">The same on the validation images.</param>
/// <param name="ValidTop1">Share of validation images whose best seen label is right, 0..1.</param>
/// <param name="LearningRate">Of the head, at the epoch's end.</param>
/// <param name="ImagesPerSecond">Training images a second of wall time.</param>
public sealed record EpochRecord(int Stage, string Phase, int Epoch, double TrainLoss, double ValidLoss, double ValidTop1, double LearningRate, double ImagesPerSecond)
{
    private const string Header = "stage,phase,epoch,train_loss,valid_loss,valid_top1,learning_rate,images_per_second";

    /// <summary>Writes <c>history.csv</c>, whole.</summary>
    public static void Write(string path, IEnumerable<EpochRecord> epochs) => WholeFile.WriteText(path, writer =>
    {
        writer.WriteLine(Header);
        foreach (var e in epochs)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{e.Stage},{e.Phase},{e.Epoch},{e.TrainLoss:R},{e.ValidLoss:R},{e.ValidTop1:R},{e.LearningRate:R},{e.ImagesPerSecond:F1}"));
    });

    /// <summary>Reads <c>history.csv</c>; no epochs where the file does not exist.</summary>
    /// <exception cref="DeviseInputException">A line is not as <see cref="Write"/> makes it.</exception>
    public static IReadOnlyList<EpochRecord> Read(string path)
    {
        if (!File.Exists(path)) return [];
        var lines = File.ReadAllLines(path);
        if (lines.Length == 0 || lines[0] != Header) throw new DeviseInputException($"{path}:1: expected the header '{Header}'");
        return [.. lines.Skip(1).Select((line, i) => Parse(line, path, i + 2))];
    }

    private static EpochRecord Parse(string line, string path, int number)
    {
        var f = line.Split(',');
        try
        {
            double Real(int i) => double.Parse(f[i], CultureInfo.InvariantCulture);
            int Whole(int i) => int.Parse(f[i], CultureInfo.InvariantCulture);
            if (f.Length == 8) return new(Whole(0), f[1], Whole(2), Real(3), Real(4), Real(5), Real(6), Real(7));
        }
        catch (FormatException) { /* told below, with the place */ }
        throw new DeviseInputException($"{path}:{number}: '{line}', expected {Header}");
    }
}

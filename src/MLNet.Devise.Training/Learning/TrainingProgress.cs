namespace MLNet.Devise.Training.Learning;

/// <summary>Where training stands, told after every step and every epoch.</summary>
/// <param name="Stage">1 or 2.</param>
/// <param name="Phase"><c>frozen</c> or <c>unfrozen</c>; <c>features</c> while a frozen backbone computes what its epochs are trained on.</param>
/// <param name="Epoch">From 1, within the stage.</param>
/// <param name="Epochs">Epochs of the stage.</param>
/// <param name="Step">Steps done in this epoch.</param>
/// <param name="Steps">Steps an epoch.</param>
/// <param name="Loss">Smoothed training loss.</param>
/// <param name="LearningRate">Of the head.</param>
/// <param name="ImagesPerSecond">Of wall time, in this epoch.</param>
/// <param name="Remaining">Time to the end of the stage at this rate.</param>
/// <param name="Finished">The epoch's record once it is done, else null.</param>
public sealed record TrainingProgress(int Stage, string Phase, int Epoch, int Epochs, int Step, int Steps, double Loss, double LearningRate, double ImagesPerSecond, TimeSpan Remaining, Evaluation.EpochRecord? Finished)
{
    /// <summary>A frozen backbone at work, whose results are kept.</summary>
    internal static TrainingProgress Views(int stage, int epoch, int epochs, int step, int steps) => new(stage, "features", epoch, epochs, step, steps, double.NaN, 0, 0, TimeSpan.Zero, null);
}

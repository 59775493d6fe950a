namespace MLNet.Devise.Reports;

/// <summary>How many images of one class there are, and what for.</summary>
/// <param name="Label">The class.</param>
/// <param name="IsSeen">Whether it was trained on.</param>
/// <param name="Train">Images trained on.</param>
/// <param name="Valid">Images looked at during training.</param>
/// <param name="Test">Images kept for the end.</param>
public sealed record ClassImages(string Label, bool IsSeen, int Train, int Valid, int Test)
{
    /// <summary>All of them.</summary>
    public int Total => Train + Valid + Test;
}

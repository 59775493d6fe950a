namespace MLNet.Devise.Data;

/// <summary>What an image is for.</summary>
public enum Split
{
    /// <summary>A seen class, used to fit weights.</summary>
    Train,
    /// <summary>A seen class, held out to choose and to report.</summary>
    Valid,
    /// <summary>An unseen class (zero-shot), or a seen one that <c>split.csv</c> sets aside for the final figures.</summary>
    Test,
}

/// <summary>One labelled image of an <see cref="ImageDataset"/>.</summary>
/// <param name="Path">Relative to the data folder, with forward slashes.</param>
/// <param name="Label">Class name as in the class list (<c>giant+panda</c>).</param>
/// <param name="Split">What the image is for.</param>
public sealed record ImageItem(string Path, string Label, Split Split);

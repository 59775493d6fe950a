namespace MLNet.Devise.Data.Sample;

/// <summary>What <see cref="DrawnSample"/> left in its folder.</summary>
/// <param name="Folder">The data folder, absolute; <see cref="ImageDataset.Open"/> takes it.</param>
/// <param name="Classes">All class names (<c>red+star</c>), in the order of <c>classes.txt</c>.</param>
/// <param name="Unseen">Those of them that are held out for zero-shot, in the same order.</param>
/// <param name="Images">Number of pictures.</param>
/// <param name="VectorsPath">The word vectors, absolute.</param>
public sealed record DrawnSampleResult(string Folder, IReadOnlyList<string> Classes, IReadOnlyList<string> Unseen, int Images, string VectorsPath);

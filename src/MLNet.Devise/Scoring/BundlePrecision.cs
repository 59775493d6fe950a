using System.Diagnostics.CodeAnalysis;

namespace MLNet.Devise.Scoring;

/// <summary>How a bundle's network stores its numbers and computes with them.</summary>
public enum BundlePrecision
{
    /// <summary>32-bit floats, as trained.</summary>
    Fp32,
    /// <summary>Weights stored as 16-bit floats, computed with as 32-bit ones: half the file, the same speed.</summary>
    Fp16,
    /// <summary>Weights and activations in 8 bits (ONNX QDQ), their ranges calibrated on training images: a quarter of the file, and faster.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The format's own name.")]
    Int8,
}

/// <summary>What a lower precision cost, on images that it was not calibrated on.</summary>
/// <param name="Images">How many there were.</param>
/// <param name="MeanCosine">Mean cosine of their embeddings with those in fp32, −1..1.</param>
/// <param name="MinCosine">The least of these.</param>
/// <param name="Top1">Share of the images whose nearest seen label is their class, 0..1.</param>
/// <param name="Top1Fp32">The same in fp32.</param>
public sealed record PrecisionLoss(int Images, double MeanCosine, double MinCosine, double Top1, double Top1Fp32);

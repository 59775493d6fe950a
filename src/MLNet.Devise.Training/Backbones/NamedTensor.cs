namespace MLNet.Devise.Training.Backbones;

/// <summary>A tensor of a weights file: 32-bit floats, row-major.</summary>
internal sealed record NamedTensor(long[] Shape, float[] Values);

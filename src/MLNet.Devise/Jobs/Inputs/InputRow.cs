namespace MLNet.Devise.Jobs.Inputs;

/// <summary>One image that a job is asked for.</summary>
/// <param name="Path">As the folder or the list has it; empty where a list has none.</param>
/// <param name="Kept">The list's further columns, one value each of <see cref="ImageInputs.Kept"/>; null where the list has none.</param>
internal readonly record struct InputRow(string Path, object?[] Kept);

namespace MLNet.Devise.Search;

/// <summary>A row and its cosine.</summary>
internal readonly record struct FoundRow(float Cosine, int Row);

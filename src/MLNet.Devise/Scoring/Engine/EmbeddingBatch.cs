namespace MLNet.Devise.Scoring.Engine;

/// <summary>Some images and what became of them; memory is taken once and used again.</summary>
internal class EmbeddingBatch(int capacity, int dimension)
{
    private readonly float[] _embeddings = new float[capacity * dimension];

    /// <summary>Most images it holds.</summary>
    public int Capacity => capacity;

    /// <summary>How many to fill in now, at most <see cref="Capacity"/>.</summary>
    public int Limit { get; set; }

    /// <summary>Images it holds now.</summary>
    public int Count { get; set; }

    /// <summary>The images.</summary>
    public ImageSource[] Sources { get; } = new ImageSource[capacity];

    /// <summary>What became of each.</summary>
    public ImageStatus[] Statuses { get; } = new ImageStatus[capacity];

    /// <summary>Why it is not <see cref="ImageStatus.Ok"/>; empty where it is.</summary>
    public string[] Errors { get; } = new string[capacity];

    /// <summary>Place for the embedding of one of them; what a bad image left there has no meaning.</summary>
    public Span<float> Embedding(int row) => _embeddings.AsSpan(row * dimension, dimension);
}

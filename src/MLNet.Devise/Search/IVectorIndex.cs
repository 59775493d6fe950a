namespace MLNet.Devise.Search;

/// <summary>
/// Finds, among stored unit vectors, those nearest to a query by cosine. <see cref="VectorIndex"/> keeps them in this process or in a
/// file; other implementations may keep them elsewhere. Searches may run side by side, also while vectors are added and removed.
/// </summary>
public interface IVectorIndex : IDisposable
{
    /// <summary>Values a vector.</summary>
    int Dimension { get; }

    /// <summary>Vectors that can be found.</summary>
    int Count { get; }

    /// <summary>The nearest vectors, best first; equal cosines in the order in which they were added.</summary>
    /// <param name="query">A unit vector of <see cref="Dimension"/> values: an image's embedding, or a label's vector.</param>
    /// <param name="k">How many, at least 1; fewer come back where fewer are stored or pass the filter.</param>
    /// <param name="options">Filters and effort; <see langword="null"/> for the defaults.</param>
    /// <exception cref="DeviseInputException">The query's length is not <see cref="Dimension"/>, or it is not a unit vector, or k is below 1.</exception>
    IReadOnlyList<SearchHit> Search(ReadOnlySpan<float> query, int k, SearchOptions? options = null);

    /// <summary>The same for many queries at once, on several threads.</summary>
    /// <param name="queries">Row-major, queries × <see cref="Dimension"/>.</param>
    /// <param name="k">How many for each, at least 1.</param>
    /// <param name="options">Filters and effort; <see langword="null"/> for the defaults.</param>
    /// <returns>One list a query, in their order; the same as <see cref="Search"/> gives one by one.</returns>
    IReadOnlyList<IReadOnlyList<SearchHit>> SearchAll(ReadOnlyMemory<float> queries, int k, SearchOptions? options = null);

    /// <summary>All vectors whose cosine with the query is at least <paramref name="minimumCosine"/>, best first.</summary>
    /// <param name="query">A unit vector of <see cref="Dimension"/> values.</param>
    /// <param name="minimumCosine">−1..1.</param>
    /// <param name="options">Filters and effort; <see langword="null"/> for the defaults.</param>
    IReadOnlyList<SearchHit> SearchWithin(ReadOnlySpan<float> query, float minimumCosine, SearchOptions? options = null);

    /// <summary>Adds vectors; one whose id is there already takes the place of the older.</summary>
    /// <param name="ids">One id a vector, each once, none empty.</param>
    /// <param name="vectors">Row-major, ids × <see cref="Dimension"/>, each row of length 1.</param>
    /// <exception cref="DeviseInputException">The sizes do not fit together, an id comes twice, or a row has not length 1; nothing was added then. Or the index is found to be damaged while vectors are linked: they are in it then, and found, but it must be built again.</exception>
    void Add(IReadOnlyList<string> ids, ReadOnlySpan<float> vectors);

    /// <summary>Removes vectors by id.</summary>
    /// <returns>How many were there.</returns>
    int Remove(IEnumerable<string> ids);

    /// <summary>Copies the vector of an id.</summary>
    /// <param name="id">The id.</param>
    /// <param name="vector">Receives <see cref="Dimension"/> values.</param>
    /// <returns>False where there is no such id.</returns>
    bool TryGet(string id, Span<float> vector);
}

/// <summary>One vector found.</summary>
/// <param name="Row">Its place in the order of adding, which stays until the index is rebuilt; −1 where an implementation keeps none.</param>
/// <param name="Id">Its id.</param>
/// <param name="Cosine">Its cosine with the query, −1..1.</param>
public readonly record struct SearchHit(int Row, string Id, float Cosine);

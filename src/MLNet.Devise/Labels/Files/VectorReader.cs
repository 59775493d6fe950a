namespace MLNet.Devise.Labels.Files;

/// <summary>Reads a word-vector file of any kind from its beginning, a batch of rows at a time: memory does not grow with the file.</summary>
internal abstract class VectorReader(string path, VectorShape shape) : IDisposable
{
    /// <summary>As it was asked for.</summary>
    public string Path { get; } = path;

    /// <summary>How it is written.</summary>
    public VectorShape Shape { get; } = shape;

    /// <summary>Values a word.</summary>
    public int Dimension => Shape.Dimension;

    /// <summary>Rows read so far, bad and unwanted ones counted.</summary>
    public long Rows { get; protected set; }

    /// <summary>Words that ranks count: of a cache of some words, all those of its source.</summary>
    public virtual long RankedWords => Rows;

    /// <summary>Rows left out.</summary>
    public VectorProblems Problems { get; } = new(path);

    /// <summary>Opens a file.</summary>
    /// <param name="path">Any kind, gzip'd or in a zip archive too.</param>
    /// <param name="wanted">Which words to keep, called by several threads; null keeps all. Values of others are not parsed.</param>
    /// <param name="values">False where only words are needed.</param>
    /// <param name="cancellation">Stops the unpacking of a packed file that must be mapped; reading is the caller's.</param>
    /// <exception cref="DeviseInputException">The file is missing or of no known kind.</exception>
    public static VectorReader Open(string path, Predicate<string>? wanted = null, bool values = true, CancellationToken cancellation = default)
    {
        var file = VectorFile.Find(path);
        var shape = FormatSniffer.Sniff(file);
        return shape.Format switch
        {
            VectorFormat.Text or VectorFormat.Glove => new TextVectorReader(file, shape, wanted, values),
            VectorFormat.Word2Vec => new Word2VecReader(file, shape, wanted),
            _ => new StoredReader(WordVectors.Open(path, cancellation: cancellation), shape, wanted, values),
        };
    }

    /// <summary>The next rows; valid until the next call.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="DeviseInputException">The file is cut, too long, or has more bad rows than can be meant.</exception>
    public abstract bool TryRead(out VectorBatch batch);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

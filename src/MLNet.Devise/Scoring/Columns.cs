namespace MLNet.Devise.Scoring;

/// <summary>Every column of the scoring chain by name, once: in data views, in score files and in the ONNX graphs.</summary>
public static class Columns
{
    /// <summary>Text: an image file's path. The only column the chain needs.</summary>
    public const string Path = "Path";

    /// <summary>Image: the decoded photo, or the square of it that the network sees; null where <see cref="Status"/> is not <c>ok</c>.</summary>
    public const string Photo = "Photo";

    /// <summary>Text: <c>ok missing corrupt too-large unsupported not-finite</c>.</summary>
    public const string Status = "Status";

    /// <summary>Text: why <see cref="Status"/> is not <c>ok</c>; empty where it is.</summary>
    public const string Error = "Error";

    /// <summary>Vector&lt;Single, 3·H·W&gt;: the network's input, planar RGB in 0..1.</summary>
    public const string Pixels = "image";

    /// <summary>Vector&lt;Single, D&gt;: the network's output, of length 1.</summary>
    public const string Embedding = "embedding";

    /// <summary>Vector&lt;Text, k&gt;: the nearest labels, best first.</summary>
    public const string Labels = "Labels";

    /// <summary>Vector&lt;Single, k&gt;: their scores; cosines, −1..1, where the ranking is not changed.</summary>
    public const string Scores = "Scores";

    /// <summary>Vector&lt;Single, labels&gt;: the cosine with every label, named by slot.</summary>
    public const string Similarity = "Similarity";

    /// <summary>Key of the labels: the best one, missing where it is unknown or there is no image. With <see cref="Score"/>, what ML.NET's multiclass evaluator reads.</summary>
    public const string PredictedLabel = "PredictedLabel";

    /// <summary>Vector&lt;Single, labels&gt;: the score of every label, or its probability where the ranking has a temperature; named by slot.</summary>
    public const string Score = "Score";

    /// <summary>Vector&lt;Single, k&gt;: the probabilities of the nearest labels, 0..1; only where the ranking has a temperature.</summary>
    public const string Probabilities = "Probabilities";
}

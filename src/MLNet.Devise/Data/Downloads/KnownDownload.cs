namespace MLNet.Devise.Data.Downloads;

/// <summary>A file that somebody else publishes and training can start from.</summary>
/// <param name="Name">What it is asked for by.</param>
/// <param name="What">What it is, in words.</param>
/// <param name="Addresses">Where its publisher keeps it: the first, and others in case that it does not answer.</param>
/// <param name="Facts">What is known of the file beforehand.</param>
internal sealed record KnownDownload(string Name, string What, IReadOnlyList<Uri> Addresses, FileFacts Facts)
{
    private const string FastText = "https://dl.fbaipublicfiles.com/fasttext/vectors-english/";

    /// <summary>
    /// ImageNet weights as torchvision publishes them: by the convention of its publisher the eight digits in each file's name begin its
    /// SHA-256. The publishers of the word vectors name no checksums; these are what several users have independently recorded in public
    /// repositories (of fastText's file Embeddings.jl and others, of GloVe's torchnlp, Keras examples and others). For AWA2 none is known.
    /// </summary>
    public static readonly IReadOnlyList<KnownDownload> All =
    [
        new("squeezenet1_1", "ImageNet weights of SqueezeNet 1.1, 5 MB", [new("https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth")], new("b8a52dc049b60e4b6ab68ad0df457362afab8b6304b2febdc1650a5dab4d7e7b")),
        new("resnet34", "ImageNet weights of ResNet34, 83 MB", [new("https://download.pytorch.org/models/resnet34-b627a593.pth")], new("b627a593bcbe140c234610266fe4f8ae95ea42fc881d091c9b6052e6b1d0590f")),
        new("fasttext", "fastText's English vectors, 1 M words × 300, 682 MB", [new(FastText + "wiki-news-300d-1M.vec.zip")], new("bdeb85f44892c505953e3654183e9cb0d792ee51be0992460593e27198d746f8", 681_808_098)),
        new("glove", "GloVe 6B, 400,000 words × 50 to 300, 862 MB", [new("https://nlp.stanford.edu/data/glove.6B.zip"), new("https://downloads.cs.stanford.edu/nlp/data/glove.6B.zip")], new("617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb", 862_182_613)),
        new("glove-840b", "GloVe 840B, 2.2 M words × 300, 2.2 GB", [new("https://nlp.stanford.edu/data/glove.840B.300d.zip"), new("https://downloads.cs.stanford.edu/nlp/data/glove.840B.300d.zip")], new("c06db255e65095393609f19a4cfca20bf3a71e20cc53e892aafa490347e3849f")),
        new("awa2", "the photos of Animals with Attributes 2, 13 GB, unpacked", [new("https://cvml.ista.ac.at/AwA2/AwA2-data.zip"), new("http://cvml.ist.ac.at/AwA2/AwA2-data.zip")], new()) { Unpacks = true },
    ];

    /// <summary>Whether it is an archive to be unpacked; other archives are read as they are.</summary>
    public bool Unpacks { get; init; }

    /// <summary>The file's name, as its publisher has it.</summary>
    public string FileName => Path.GetFileName(Addresses[0].LocalPath);

    /// <summary>Where it goes unless something else is asked for.</summary>
    public string Folder => Path.Combine("artifacts", FileName.EndsWith(".pth", StringComparison.Ordinal) ? "weights" : "data");

    /// <exception cref="DeviseInputException">No such download.</exception>
    public static KnownDownload ByName(string name) => All.FirstOrDefault(known => known.Name == name)
        ?? throw new DeviseInputException($"download '{name}', expected one of {string.Join(", ", All.Select(known => known.Name))}");
}

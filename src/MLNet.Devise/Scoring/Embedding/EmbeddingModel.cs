using System.Security.Cryptography;
using MLNet.Devise.Scoring.Engine;

namespace MLNet.Devise.Scoring.Embedding;

/// <summary>A network and what it wants to see.</summary>
/// <param name="Onnx">The checked model.</param>
/// <param name="Source">Where it came from, for messages.</param>
/// <param name="Side">Side of the square it sees, pixels.</param>
/// <param name="Scaling">How training scaled to that square.</param>
/// <param name="Dimension">Values an embedding.</param>
internal sealed record EmbeddingModel(byte[] Onnx, string Source, int Side, ImageScaling Scaling, int Dimension)
{
    /// <summary>The network of a bundle.</summary>
    /// <exception cref="DeviseInputException">It is another one than when the bundle was opened.</exception>
    public static EmbeddingModel Of(ModelBundle bundle)
    {
        var onnx = NetworkFile.Read(bundle.OnnxPath);
        // Labels and scores' identity are those of the network that was there then.
        if (Convert.ToHexStringLower(SHA256.HashData(onnx)) != bundle.Manifest.Files[ModelBundle.OnnxName].Sha256)
            throw new DeviseInputException($"{bundle.OnnxPath}: another network than when the bundle was opened, expected the same; open it again, or start again");
        return new(onnx, bundle.OnnxPath, bundle.Manifest.ImageSize, bundle.Manifest.Scaling, bundle.Manifest.Dimension);
    }

    /// <summary>Loads it; the engine holds the session until it is disposed.</summary>
    /// <exception cref="DeviseInputException">ONNX Runtime cannot load it, or one array cannot hold a batch.</exception>
    public EmbeddingEngine Load(EmbedImagesOptions options)
    {
        var layout = options.Layout(Side, Onnx.Length);
        if (Array.MaxLength / (InterleavedPixels.Channels * Side * Side) is var most && layout.BatchSize > most)
            throw new DeviseInputException($"batchSize: {layout.BatchSize} images of {Side} × {Side} pixels, expected at most {most} of that size");
        var squares = new SquareReader(Side, Scaling, new(options.Folder), options.Rules(Scaling, Side));
        var network = new Network(Onnx, Source, layout.IntraOpThreads, options.Provider, options.FastConvolutions ? Side : null);
        if (network.HasTrunk && options.BatchSize is null) layout = layout with { BatchSize = EngineLayout.TrunkBatch(Side) };
        return new(squares, network, layout, Dimension);
    }
}

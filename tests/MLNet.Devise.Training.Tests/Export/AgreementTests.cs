using System.Numerics.Tensors;
using Google.Protobuf;
using MLNet.Devise.Data;
using MLNet.Devise.Jobs;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Export;
using MLNet.Devise.Training.Learning;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Export;

public sealed class AgreementTests
{
    /// <summary>The same real photos through validation's path (TorchSharp) and through the ML.NET chain give the same embeddings, and near ones where large photos are decoded whole.</summary>
    [Theory]
    [InlineData(ImageScaling.Stock), InlineData(ImageScaling.Antialiased)]
    public void Training_time_validation_and_ML_NET_scoring_see_the_same_photos(ImageScaling scaling)
    {
        var folder = TestData.Require("mini-awa2");
        var large = TestData.Require("photos-full");
        var weights = TestData.Require("weights", "squeezenet1_1.safetensors");
        using var temporary = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var (bundle, net) = Network(temporary, scaling, weights);

        // 25 small photos, most of them enlarged, and all the large ones.
        var data = ImageDataset.Open(folder);
        var items = data.Items.OrderBy(item => StableHash.Of(item.Path, 1)).Take(25)
            .Concat(Directory.EnumerateFiles(large).Order(StringComparer.Ordinal).Select(path => new ImageItem(Path.GetRelativePath(data.Folder, path), "", Split.Valid))).ToArray();
        using var feed = new ImageFeed(data, new() { Scaling = scaling, BatchSize = 10 });
        using var untracked = no_grad();
        var expected = feed.Plain(items).SelectMany(batch =>
        {
            using var inner = NewDisposeScope();
            var pixels = tensor(batch.Pixels, [batch.Items.Length, 224, 224, 3]).permute(0, 3, 1, 2).to(ScalarType.Float32).Over_(255);
            return nn.functional.normalize(net.call(pixels)).data<float>().ToArray().Chunk(300).ToArray();
        }).ToArray();
        foreach (var (reduced, least) in new[] { (true, 0.9995), (false, 0.98) })
        {
            using var scorer = new ImageScorer(bundle, new() { K = 1, ReducedDecoding = reduced });
            var actual = scorer.Score(items.Select(data.FullPath), TestContext.Current.CancellationToken).ToArray();
            Assert.Equal((items.Length, items.Length), (expected.Length, actual.Length));
            for (var i = 0; i < items.Length; i++)
            {
                var cosine = TensorPrimitives.CosineSimilarity(expected[i], actual[i].Embedding!.Value.Span);
                Assert.True(cosine >= least, $"{items[i].Path}: cosine {cosine}");
            }
        }
    }

    /// <summary>A pretrained backbone with a new head, in TorchSharp and as a bundle.</summary>
    private static (ModelBundle Bundle, DeviseNet Net) Network(TemporaryFolder folder, ImageScaling scaling, string weights)
    {
        TorchNative.Ensure();
        random.manual_seed(1);
        var net = new DeviseNet(Backbone.ByName("squeezenet1_1"), Head.Embedder(512, 300, new() { Kind = HeadKind.Linear }));
        Weights.Load(net.features, Safetensors.Read(weights), "features.", weights);
        net.eval();
        var labels = new LabelSpace(["x", "y"], [.. Enumerable.Repeat(1f, 300), .. Enumerable.Repeat(-1f, 300)]);
        var manifest = new BundleManifest { Backbone = "squeezenet1_1", Parameters = net.ParameterCount, ImageSize = 224, Scaling = scaling, Dimension = 300, Vectors = "none", Seen = ["x", "y"] };
        return (ModelBundle.Write(folder["bundle"], OnnxExporter.Export(net, 300, 224, []).ToByteArray(), labels, manifest, (onnx, zip) => StockPipeline.Save(onnx, labels, 224, zip)), net);
    }
}

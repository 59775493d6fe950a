using Google.Protobuf;
using Microsoft.ML;
using MLNet.Devise.Onnx;
using MLNet.Devise.Scoring.Engine;

namespace MLNet.Devise.Tests.Scoring.Embedding;

/// <summary>Networks that would read other files, wherever they hide it.</summary>
public sealed class NetworkFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Weights_in_another_file_are_refused_wherever_they_are_named()
    {
        Refused(model => model.Graph.Initializer[0].DataLocation = 1);
        Refused(model => model.Graph.Initializer[0].ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "/etc/passwd" }));
        Refused(model => model.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "value", T = External() }));
        Refused(model => model.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "values", Tensors = { External() } }));
        Refused(model => model.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "body", G = new GraphProto { Initializer = { External() } } }));
        Refused(model => model.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "bodies", Graphs = { new GraphProto { SparseInitializer = { new SparseTensorProto { Values = External() } } } } }));
        Refused(model => model.Functions.Add(new FunctionProto { Node = { new NodeProto { Attribute = { new AttributeProto { SparseTensor = new() { Indices = External() } } } } } }));
    }

    [Fact]
    public void A_bundle_with_such_a_network_is_not_opened()
    {
        var model = ModelProto.Parser.ParseFrom(TinyBundle.Network());
        model.Graph.Initializer[0].DataLocation = 1;
        TinyBundle.Write(_folder["bundle"]);
        TinyBundle.Replace(_folder["bundle"], ModelBundle.OnnxName, model.ToByteArray());
        Assert.Contains("ONNX external data", Assert.Throws<DeviseInputException>(() => ModelBundle.Open(_folder["bundle"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_inputs_outputs_and_no_model_at_all_are_refused()
    {
        foreach (var change in (Action<ModelProto>[])[model => model.Graph.Input.Clear(), model => model.Graph.Output[0].Name = "other", model => model.Graph = null])
        {
            var model = ModelProto.Parser.ParseFrom(TinyBundle.Network());
            change(model);
            Assert.Contains("expected a network from 'image' to 'embedding'", Assert.Throws<DeviseInputException>(() => NetworkFile.Check(model.ToByteArray(), "x.onnx")).Message, StringComparison.Ordinal);
        }
        Assert.Throws<DeviseInputException>(() => NetworkFile.Check("no model"u8.ToArray(), "x.onnx"));
    }

    [Fact]
    public void What_only_ONNX_Runtime_can_tell_is_told_when_the_model_is_fitted()
    {
        var model = ModelProto.Parser.ParseFrom(TinyBundle.Network());
        model.Graph.Node[0].OpType = "NoSuchOperator";
        TinyBundle.Write(_folder["bundle"]);
        TinyBundle.Replace(_folder["bundle"], ModelBundle.OnnxName, model.ToByteArray());
        var context = new MLContext();
        var estimator = context.Transforms.EmbedImages(ModelBundle.Open(_folder["bundle"]));
        var data = context.Data.LoadFromEnumerable(new[] { new { Path = "" } });
        Assert.Contains("ONNX Runtime cannot load it", Assert.Throws<DeviseInputException>(() => estimator.Fit(data)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static TensorProto External() => new() { Name = "far", DataLocation = 1 };

    private static void Refused(Action<ModelProto> change)
    {
        var model = ModelProto.Parser.ParseFrom(TinyBundle.Network());
        change(model);
        var error = Assert.Throws<DeviseInputException>(() => NetworkFile.Check(model.ToByteArray(), "x.onnx"));
        Assert.Matches("^x.onnx: tensor '.*' is kept in another file", error.Message);
    }
}

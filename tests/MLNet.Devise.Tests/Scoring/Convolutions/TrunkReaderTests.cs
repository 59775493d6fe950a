using Google.Protobuf;
using MLNet.Devise.Onnx;
using MLNet.Devise.Scoring;
using MLNet.Devise.Scoring.Convolutions;
using MLNet.Devise.Scoring.Engine;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Tests.Scoring.Convolutions;

public sealed class TrunkReaderTests
{
    private const int Side = 35, Dimension = 7;

    public TrunkReaderTests() => Assert.SkipUnless(TrunkReader.IsSupported, "no AVX2 on this processor");

    [Theory]
    [InlineData(1), InlineData(3), InlineData(37)]
    public void Every_kind_of_layer_gives_what_ONNX_Runtime_gives(int images)
    {
        foreach (var network in (ModelProto[])[Fire(), Residuals(), Halves(Fire())]) Compare(network, images);
    }

    [Fact]
    public void Runs_at_the_same_time_do_not_meet()
    {
        var onnx = Fire().ToByteArray();
        using var network = new Network(onnx, "own", 1, side: Side);
        byte[][] pixels = [.. Enumerable.Range(0, 8).Select(seed => Pictures.Pixels(seed, (1 + seed % 3) * Side * Side))];
        float[] Run(int i)
        {
            var embeddings = new float[(1 + i % 3) * Dimension];
            network.Run(pixels[i], 1 + i % 3, Side, embeddings, Dimension);
            return embeddings;
        }
        var alone = pixels.Select((_, i) => Run(i)).ToArray();
        Parallel.For(0, 200, i => Assert.Equal(alone[i % 8], Run(i % 8)));
    }

    [Theory]
    [InlineData("grouped"), InlineData("auto_pad"), InlineData("dilated"), InlineData("unequal pads"), InlineData("map in the head"), InlineData("image in the head"), InlineData("unknown layer"), InlineData("another domain"), InlineData("embedding of a map"), InlineData("weights of another shape"), InlineData("joined twice"), InlineData("channels that do not fill blocks"), InlineData("embedding of what is pooled"), InlineData("another kernel_shape"), InlineData("maps of one area and other sides"), InlineData("batch statistics"), InlineData("mean after deviation"), InlineData("two means"), InlineData("a body"), InlineData("a function"), InlineData("images of another side"), InlineData("no inputs"), InlineData("two values of one name"), InlineData("a tiny deviation")]
    public void A_network_with_anything_else_is_left_to_ONNX_Runtime(string what)
    {
        var graph = new GraphBuilder("other");
        var random = new Random(3);
        var image = graph.Input("image", "N", 3, Side, Side);
        string Convolution(string x, int inputs, int outputs, params (string, object)[] attributes) =>
            graph.Node("Conv", [x, graph.Constant($"w{x}{outputs}", PlainConvolution.Values(random, outputs * inputs * 9), outputs, inputs, 3, 3)], null, attributes);
        string Scaled(string op, string x, string name) => graph.Node(op, [x, graph.Constant(name, [1f, 2, 3], 1, 3, 1, 1)]);
        var pixels = what switch
        {
            "mean after deviation" => Scaled("Sub", Scaled("Div", image, "std"), "mean"),
            "a tiny deviation" => graph.Node("Div", [image, graph.Constant("std", [1f, 1e-39f, 1], 1, 3, 1, 1)]),
            "two means" => Scaled("Sub", Scaled("Sub", image, "mean"), "mean again"),
            _ => image,
        };
        var x = Convolution(pixels, 3, 16, ("pads", new[] { 1L, 1L, 1L, 1L }));
        x = what switch
        {
            "grouped" => Convolution(x, 8, 16, ("group", 2L)),
            "auto_pad" => Convolution(x, 16, 16, ("auto_pad", "SAME_UPPER")),
            "dilated" => Convolution(x, 16, 16, ("dilations", new[] { 2L, 2L })),
            "unequal pads" => Convolution(x, 16, 16, ("pads", new[] { 1L, 0L, 1L, 0L })),
            "unknown layer" => graph.Node("Sigmoid", [x]),
            "another domain" => graph.Node("Relu", [x], ["other"], [], "my.domain")[0],
            "weights of another shape" => Convolution(x, 8, 16),
            "another kernel_shape" => Convolution(x, 16, 16, ("kernel_shape", new[] { 1L, 9L })),
            "maps of one area and other sides" => graph.Node("Concat", [graph.Node("MaxPool", [x], null, ("kernel_shape", new[] { 1L, 1L }), ("strides", new[] { 2L, 2L })), x], attributes: ("axis", 1L)),
            "batch statistics" => graph.Node("BatchNormalization", [x, .. Enumerable.Range(0, 4).Select(i => graph.Constant($"norm{i}", Enumerable.Repeat(1f, 16).ToArray(), 16))], null, ("training_mode", 1L)),
            "joined twice" => graph.Node("Concat", [x, x], attributes: ("axis", 1L)),
            "channels that do not fill blocks" => graph.Node("Concat", [Convolution(x, 16, 12), Convolution(x, 16, 20)], attributes: ("axis", 1L)),
            _ => x,
        };
        var pooled = graph.Node("GlobalAveragePool", [x]);
        if (what == "map in the head") pooled = graph.Node("Add", [pooled, graph.Node("ReduceMean", [x], null, ("axes", new[] { 2L, 3L }))]);
        if (what == "image in the head") pooled = graph.Node("Add", [pooled, graph.Node("ReduceMean", [image], null, ("axes", new[] { 1L, 2L, 3L }))]);
        if (what != "embedding of what is pooled") graph.Node("Flatten", [what == "embedding of a map" ? x : pooled], "embedding");
        graph.Output(what == "embedding of what is pooled" ? pooled : "embedding", DataType.Float, "N", 16);
        var model = graph.Build();
        if (what == "a body") model.Graph.Node[^1].Attribute.Add(new AttributeProto { Name = "body", G = new GraphProto() });
        if (what == "two values of one name") model.Graph.Node.Insert(0, new NodeProto { OpType = "Constant", Output = { model.Graph.Initializer[0].Name } });
        if (what == "a function") model.Functions.Add(new FunctionProto());
        if (what == "no inputs") foreach (var node in model.Graph.Node) while (node.Input.Count > 1) node.Input.RemoveAt(1);
        Assert.Null(TrunkReader.TryRead(model, what == "images of another side" ? Side + 1 : Side));
    }

    [Fact]
    public void A_graph_that_reads_a_value_before_it_is_made_has_no_trunk()
    {
        var model = Fire();
        var nodes = model.Graph.Node.Reverse().ToArray();
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(nodes);
        Assert.Null(TrunkReader.TryRead(model, Side));
    }

    [Fact]
    public void Windows_larger_than_the_image_and_huge_strides_are_no_trunk()
    {
        foreach (var (name, value) in (ValueTuple<string, long>[])[("strides", long.MaxValue), ("pads", 1L << 40), ("pads", -1), ("strides", 0)])
        {
            var model = Fire();
            var first = model.Graph.Node.First(node => node.OpType == "Conv");
            first.Attribute.Remove(first.Attribute.First(attribute => attribute.Name == name));
            first.Attribute.Add(GraphBuilder.Attribute(name, Enumerable.Repeat(value, name == "pads" ? 4 : 2).ToArray()));
            Assert.Null(TrunkReader.TryRead(model, Side));
        }
        Assert.Null(TrunkReader.TryRead(Fire(), 2));
    }

    [Fact]
    public void Networks_of_several_threads_and_those_asked_to_are_left_to_ONNX_Runtime()
    {
        var onnx = Fire().ToByteArray();
        using var threads = new Network(onnx, "threads", 2, side: Side);
        Assert.False(threads.HasTrunk);
        Assert.True(new EmbedImagesOptions().FastConvolutions);
    }

    [Fact]
    public void A_graph_that_asks_for_more_than_its_file_justifies_is_no_trunk()
    {
        Assert.Null(Read(4096, graph => // a padded copy of 2³¹ values
            Convolution(graph, Convolution(graph, Convolution(graph, "image", "a", 16, 3, 1, 4096), "b", 16384, 16, 1, 1), "c", 1, 16384, 17, 17, 16)));
        Assert.Null(Read(Side, graph => // a map that grows with each window
        {
            var x = Convolution(graph, "image", "a", 1, 3, 1, 1);
            for (var i = 0; i < 5; i++) x = graph.Node("MaxPool", [x], null, ("kernel_shape", new[] { 16384L, 16384L }), ("pads", Enumerable.Repeat(16383L, 4).ToArray()));
            return x;
        }));
        Assert.Null(Read(Side, graph => // the same weights again and again
        {
            var (x, weights) = (Convolution(graph, "image", "a", 512, 3, 1, 1), graph.Constant("w", new float[512 * 512 * 9], 512, 512, 3, 3));
            for (var i = 0; i < 40; i++) x = graph.Node("Conv", [x, weights], null, ("pads", new[] { 1L, 1L, 1L, 1L }));
            return x;
        }));
        Assert.Null(Read(Side, graph => // a chain that would be followed to its end
        {
            var x = Convolution(graph, "image", "a", 16, 3, 1, 1);
            for (var i = 0; i < 60_000; i++) x = graph.Node("Concat", [x], attributes: ("axis", 1L));
            return x;
        }));

        static (Trunk, ModelProto)? Read(int side, Func<GraphBuilder, string> body)
        {
            var graph = new GraphBuilder("large");
            graph.Input("image", "N", 3, side, side);
            graph.Node("Flatten", [graph.Node("GlobalAveragePool", [body(graph)])], "embedding");
            graph.Output("embedding", DataType.Float, "N", Dimension);
            return TrunkReader.TryRead(graph.Build(), side);
        }

        static string Convolution(GraphBuilder graph, string x, string name, int outputs, int inputs, int height, int width, long pad = 0) =>
            graph.Node("Conv", [x, graph.Constant(name, new float[outputs * inputs * height * width], outputs, inputs, height, width)], null, ("pads", new[] { pad, pad, pad, pad }));
    }

    [Fact]
    public void A_map_that_is_joined_has_its_memory_until_its_last_part_is_written()
    {
        // The first part is only read at once; the second one is written after a layer of many weights, when all images are computed together.
        var (graph, random) = (new GraphBuilder("joined"), new Random(8));
        var first = Convolution(graph, random, graph.Input("image", "N", 3, Side, Side), 3, 16, 3, 2, 0);
        var heavy = Convolution(graph, random, first, 16, 256, 3, 4, 0);
        heavy = Convolution(graph, random, heavy, 256, 256, 3, 1, 1);
        var second = graph.Node("MaxPool", [first], null, ("kernel_shape", new[] { 1L, 1L }));
        graph.Node("Concat", [first, second], attributes: ("axis", 1L));
        var model = Head(graph, random, graph.Node("GlobalAveragePool", [heavy]), 256);
        Compare(model, 4);
    }

    [Fact]
    public void Which_of_two_tensors_with_one_name_counts_is_left_to_ONNX_Runtime()
    {
        var model = Fire();
        model.Graph.Initializer.Add(model.Graph.Initializer[0].Clone());
        Assert.Null(TrunkReader.TryRead(model, Side));
    }

    private static void Compare(ModelProto model, int images)
    {
        var onnx = model.ToByteArray();
        using var own = new Network(onnx, "own", 1, side: Side);
        using var theirs = new Network(onnx, "theirs", 1);
        Assert.True(own.HasTrunk);
        Assert.False(theirs.HasTrunk);
        var pixels = Pictures.Pixels(5, images * Side * Side);
        var (expected, actual) = (new float[images * Dimension], new float[images * Dimension]);
        theirs.Run(pixels, images, Side, expected, Dimension);
        for (var run = 0; run < 2; run++)
        {
            own.Run(pixels, images, Side, actual, Dimension);
            for (var i = 0; i < actual.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5);
        }
    }

    /// <summary>As in SqueezeNet: scaled pixels, windows of stride 2, pooling, two joined branches, both kinds of global pooling.</summary>
    private static ModelProto Fire()
    {
        var (graph, random) = (new GraphBuilder("fire"), new Random(1));
        var x = graph.Node("Div", [graph.Node("Sub", [graph.Input("image", "N", 3, Side, Side), graph.Constant("mean", [.1f, .2f, .3f], 1, 3, 1, 1)]), graph.Constant("std", [.5f, .6f, .7f], 1, 3, 1, 1)]);
        x = graph.Node("Relu", [Convolution(graph, random, x, 3, 16, 3, 2, 0)]);
        x = graph.Node("MaxPool", [x], null, ("kernel_shape", new[] { 3L, 3L }), ("strides", new[] { 2L, 2L }), ("ceil_mode", 1L));
        var squeezed = graph.Node("Relu", [Convolution(graph, random, x, 16, 16, 1, 1, 0)]);
        x = graph.Node("Concat", [graph.Node("Relu", [Convolution(graph, random, squeezed, 16, 32, 1, 1, 0)]), graph.Node("Relu", [Convolution(graph, random, squeezed, 16, 48, 3, 1, 1)])], attributes: ("axis", 1L));
        var classes = graph.Node("GlobalAveragePool", [Convolution(graph, random, x, 80, 21, 1, 1, 0)]);
        return Head(graph, random, graph.Node("Concat", [graph.Node("GlobalMaxPool", [x]), graph.Node("GlobalAveragePool", [x]), classes], attributes: ("axis", 1L)), 181);
    }

    /// <summary>As in ResNet: padded windows, batch normalisation, a sum with and without rectification, a branch of stride 2.</summary>
    private static ModelProto Residuals()
    {
        var (graph, random) = (new GraphBuilder("residuals"), new Random(2));
        var x = graph.Node("Relu", [Normalised(graph, random, Convolution(graph, random, graph.Input("image", "N", 3, Side, Side), 3, 32, 7, 2, 3), 32)]);
        x = graph.Node("MaxPool", [x], null, ("kernel_shape", new[] { 3L, 3L }), ("strides", new[] { 2L, 2L }), ("pads", new[] { 1L, 1L, 1L, 1L }));
        var through = Normalised(graph, random, Convolution(graph, random, graph.Node("Relu", [Normalised(graph, random, Convolution(graph, random, x, 32, 32, 3, 1, 1), 32)]), 32, 32, 3, 1, 1), 32);
        x = graph.Node("Relu", [graph.Node("Add", [through, x])]);
        var around = Normalised(graph, random, Convolution(graph, random, x, 32, 40, 1, 2, 0), 40);
        x = graph.Node("Add", [Convolution(graph, random, x, 32, 40, 3, 2, 1), around]);
        return Head(graph, random, graph.Node("GlobalAveragePool", [x]), 40);
    }

    private static ModelProto Halves(ModelProto model)
    {
        for (var i = 0; i < model.Graph.Initializer.Count; i++)
        {
            var tensor = model.Graph.Initializer[i];
            if (tensor.Dims.Count != 4 || tensor.Dims[0] == 1) continue;
            var halves = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray().Select(value => (Half)value).ToArray();
            var half = new TensorProto { Name = $"{tensor.Name}.half", DataType = (int)DataType.Float16, RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(halves.AsSpan())), Dims = { tensor.Dims } };
            var constant = new NodeProto { OpType = "Constant", Name = half.Name, Output = { half.Name } };
            constant.Attribute.Add(new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = half });
            var cast = new NodeProto { OpType = "Cast", Name = tensor.Name, Input = { half.Name }, Output = { tensor.Name } };
            cast.Attribute.Add(GraphBuilder.Attribute("to", (long)DataType.Float));
            model.Graph.Initializer.RemoveAt(i--);
            model.Graph.Node.Insert(0, cast);
            model.Graph.Node.Insert(0, constant);
        }
        return model;
    }

    private static string Convolution(GraphBuilder graph, Random random, string x, int inputs, int outputs, int window, long stride, long pad)
    {
        var scale = (float)Math.Sqrt(2.0 / (inputs * window * window));
        var weights = PlainConvolution.Values(random, outputs * inputs * window * window).Select(value => value * scale).ToArray();
        return graph.Node("Conv", [x, graph.Constant($"w{x}{outputs}{window}", weights, outputs, inputs, window, window), graph.Constant($"b{x}{outputs}{window}", PlainConvolution.Values(random, outputs), outputs)], null,
            ("kernel_shape", new long[] { window, window }), ("strides", new[] { stride, stride }), ("pads", new[] { pad, pad, pad, pad }));
    }

    private static string Normalised(GraphBuilder graph, Random random, string x, int channels) => graph.Node("BatchNormalization",
    [
        x, graph.Constant($"{x}.scale", PlainConvolution.Values(random, channels), channels), graph.Constant($"{x}.shift", PlainConvolution.Values(random, channels), channels),
        graph.Constant($"{x}.mean", PlainConvolution.Values(random, channels), channels), graph.Constant($"{x}.variance", PlainConvolution.Values(random, channels).Select(value => value + 1.5f).ToArray(), channels),
    ], null, ("epsilon", 1e-3f));

    private static ModelProto Head(GraphBuilder graph, Random random, string pooled, int channels)
    {
        var embedding = graph.Node("Gemm", [graph.Node("Flatten", [pooled], null, ("axis", 1L)), graph.Constant("head", PlainConvolution.Values(random, channels * Dimension), channels, Dimension)]);
        graph.Node("LpNormalization", [embedding], "embedding", ("axis", -1L), ("p", 2L));
        graph.Output("embedding", DataType.Float, "N", Dimension);
        return graph.Build();
    }
}

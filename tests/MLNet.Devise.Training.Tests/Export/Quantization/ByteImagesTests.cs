using Google.Protobuf;
using MLNet.Devise.Onnx;
using MLNet.Devise.Scoring.Engine;
using MLNet.Devise.Training.Export.Quantization;
using static MLNet.Devise.Onnx.TensorProto.Types;

namespace MLNet.Devise.Training.Tests.Export.Quantization;

/// <summary>What scoring makes of the first steps of an int8 network.</summary>
public sealed class ByteImagesTests
{
    private const int Side = SmallNets.Side, Dimension = 2 * SmallNets.Channels;

    [Theory]
    [InlineData(0, 1), InlineData(1, 1), InlineData(1, 3)]
    public void An_exported_network_gives_the_same_from_bytes(long pad, int images)
    {
        var onnx = Quantized(pad).ToByteArray();
        using var bytes = new Network(onnx, "bytes", 1, side: Side);
        using var threads = new Network(onnx, "threads", 2, side: Side);
        using var numbers = new Network(onnx, "numbers", 1);
        Assert.Equal((true, true, false), (bytes.ReadsBytes, threads.ReadsBytes, numbers.ReadsBytes));
        var pixels = SmallNets.Pixels(images, Side, 3);
        var (expected, actual, both) = (new float[images * Dimension], new float[images * Dimension], new float[images * Dimension]);
        numbers.Run(pixels, images, Side, expected, Dimension);
        bytes.Run(pixels, images, Side, actual, Dimension);
        threads.Run(pixels, images, Side, both, Dimension);
        Assert.Equal(expected, actual);
        Assert.Equal(expected, both);
        Assert.True(expected.Distinct().Count() > Dimension / 2);
    }

    [Fact]
    public void Nothing_is_left_of_what_was_taken_out()
    {
        var model = Quantized(0);
        var (before, reading) = (model.Clone(), ByteImages.TryRead(model, Side)!);
        Assert.Equal(before, model);
        Assert.DoesNotContain(reading.Graph.Node, node => node.OpType == "Pad");
        Assert.Equal(model.Graph.Initializer.Count - 2, reading.Graph.Initializer.Count);
    }

    [Theory]
    [InlineData("another side"), InlineData("floats"), InlineData("two channels more"), InlineData("a border"), InlineData("twos"), InlineData("reflection"), InlineData("another step"), InlineData("another zero"),
     InlineData("signed bytes"), InlineData("along an axis"), InlineData("image read twice"), InlineData("numbers read twice"), InlineData("image given out"), InlineData("two of one name"), InlineData("a function")]
    public void A_network_that_begins_in_another_way_is_left_as_it_is(string what)
    {
        var model = what == "floats" ? Floats(0) : Quantized(0);
        var graph = model.Graph;
        var (pad, rounding) = (graph.Node.FirstOrDefault(node => node.OpType == "Pad"), graph.Node.FirstOrDefault(node => node.OpType == "QuantizeLinear"));
        void Set<T>(string? name, params T[] values) where T : unmanaged =>
            graph.Initializer.First(tensor => tensor.Name == name).RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(values));
        switch (what)
        {
            case "two channels more": Set(pad!.Input[1], 0L, 0, 0, 0, 0, 2, 0, 0); break;
            case "a border": Set(pad!.Input[1], 0L, 0, 1, 1, 0, 1, 1, 1); break;
            case "twos": Set(pad!.Input[2], 2f); break;
            case "reflection": pad!.Attribute.Add(GraphBuilder.Attribute("mode", "reflect")); break;
            case "another step": Set(rounding!.Input[1], 1 / 254f); break;
            case "another zero": Set(rounding!.Input[2], (byte)1); break;
            case "signed bytes": graph.Initializer.First(tensor => tensor.Name == rounding!.Input[2]).DataType = (int)DataType.Int8; break;
            case "along an axis": rounding!.Attribute.Add(GraphBuilder.Attribute("axis", 1L)); break;
            case "image read twice": graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "image" }, Output = { "again" } }); break;
            case "numbers read twice": graph.Node.Add(new NodeProto { OpType = "Identity", Input = { pad!.Output[0] }, Output = { "again" } }); break;
            case "image given out": graph.Output.Add(GraphBuilder.Value(pad!.Output[0], DataType.Float, ["N", 4, Side, Side])); break;
            case "two of one name": graph.Initializer.Add(graph.Initializer[0].Clone()); break;
            case "a function": model.Functions.Add(new FunctionProto()); break;
        }
        Assert.Null(ByteImages.TryRead(model, what == "another side" ? Side + 1 : Side));
    }

    private static ModelProto Quantized(long pad) => Int8Network.Quantize(Floats(pad), [SmallNets.Batch(4, 1)]);

    private static ModelProto Floats(long pad)
    {
        var net = new SmallNets(7);
        var scaled = net.Graph.Node("Sub", [net.Image, net.Graph.Constant("mean", [.485f, .456f, .406f], 1, 3, 1, 1)]);
        scaled = net.Graph.Node("Div", [scaled, net.Graph.Constant("std", [.229f, .224f, .225f], 1, 3, 1, 1)]);
        return net.End(net.Pooled(net.Relu(net.Conv(scaled, 3, pad: pad))));
    }
}

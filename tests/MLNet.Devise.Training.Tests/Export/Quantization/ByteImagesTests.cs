using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using MLNet.Devise.Onnx;
using MLNet.Devise.Scoring;
using MLNet.Devise.Scoring.Engine;
using MLNet.Devise.Training.Export.Quantization;
using SkiaSharp;
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
    public void A_photo_whose_last_row_stays_unpainted_gives_the_same_too()
    {
        // Scaled by a rounded factor it ends a hair, and so a row, too soon.
        var height = Enumerable.Range(Side + 1, 1000).First(height => (int)(height * ((float)Side / height)) < Side);
        using var photo = new SKBitmap(2 * height, height, isOpaque: true);
        photo.Erase(new(200, 90, 30));
        using var square = StockCrop.Of(photo, Side);
        Assert.Equal(0, square.GetPixelSpan()[^1]);
        var pixels = new byte[square.ByteCount];
        InterleavedPixels.Copy(square, pixels);
        var onnx = Quantized(1).ToByteArray();
        using var bytes = new Network(onnx, "bytes", 1, side: Side);
        using var numbers = new Network(onnx, "numbers", 1);
        var (expected, actual) = (new float[Dimension], new float[Dimension]);
        numbers.Run(pixels, 1, Side, expected, Dimension);
        bytes.Run(pixels, 1, Side, actual, Dimension);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Channels_are_not_moved_before_the_first_layer()
    {
        var fused = SmallNets.Fused(ByteImages.TryRead(Quantized(0), Side)!, GraphOptimizationLevel.ORT_ENABLE_ALL);
        Assert.Equal(1, fused["QLinearConv"]);
        // One at the end remains, for what pools floats.
        Assert.Equal(1, fused["Transpose"]);
    }

    [Fact]
    public void Nothing_is_left_of_what_was_taken_out()
    {
        var model = Quantized(0);
        var (before, reading) = (model.Clone(), ByteImages.TryRead(model, Side)!);
        Assert.Equal(before, model);
        Assert.DoesNotContain(reading.Graph.Node, node => node.OpType == "Pad");
        Assert.Equal(model.Graph.Initializer.Count - 2, reading.Graph.Initializer.Count);
        Assert.Equal(model.Graph.Input[0].Type.TensorType.Shape.Dim[0], reading.Graph.Input[0].Type.TensorType.Shape.Dim[0]);
    }

    [Theory]
    [InlineData("another side"), InlineData("floats"), InlineData("two channels more"), InlineData("a border"), InlineData("twos"), InlineData("reflection"), InlineData("another step"), InlineData("another zero"),
     InlineData("signed bytes"), InlineData("along an axis"), InlineData("image read twice"), InlineData("numbers read twice"), InlineData("image given out"), InlineData("two of one name"), InlineData("a function"),
     InlineData("axes"), InlineData("image is a constant"), InlineData("a side left open"), InlineData("image comes out"), InlineData("numbers not raw")]
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
            case "axes": pad!.Input.Add(pad.Input[1]); break;
            case "image is a constant": graph.Initializer.Add(new TensorProto { Name = "image", DataType = (int)DataType.Float }); break;
            case "a side left open": graph.Input[0].Type.TensorType.Shape.Dim[2] = new() { DimParam = "H" }; break;
            case "image comes out": graph.Output.Add(graph.Input[0].Clone()); break;
            case "numbers not raw": graph.Initializer.First(tensor => tensor.Name == rounding!.Input[1]).RawData = ByteString.Empty; break;
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

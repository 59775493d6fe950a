using MLNet.Devise.Scoring.Convolutions;

namespace MLNet.Devise.Tests.Scoring.Convolutions;

/// <summary>Layers as their definitions read, and what is needed to run one layer alone.</summary>
internal static unsafe class PlainConvolution
{
    public static ConvolutionWeights Weights(Random random, int inputs, int outputs, int height, int width, int stride, int before, int behind, bool rectified) =>
        new(Values(random, outputs * inputs * height * width), Values(random, outputs), inputs, height, width, stride, before, behind, rectified);

    public static float[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];

    /// <summary>height × width × outputs values of one image of height × width × inputs.</summary>
    public static float[] Of(ConvolutionWeights weights, float[] image, int height, int width)
    {
        var (down, across) = ((height + weights.Before + weights.Behind - weights.Height) / weights.Stride + 1, (width + weights.Before + weights.Behind - weights.Width) / weights.Stride + 1);
        var result = new float[down * across * weights.Outputs];
        for (var i = 0; i < result.Length; i++)
        {
            var (pixel, output) = Math.DivRem(i, weights.Outputs);
            var sum = (double)weights.Bias[output];
            for (var y = 0; y < weights.Height; y++)
                for (var x = 0; x < weights.Width; x++)
                {
                    var (row, column) = (pixel / across * weights.Stride - weights.Before + y, pixel % across * weights.Stride - weights.Before + x);
                    if (row < 0 || column < 0 || row >= height || column >= width) continue;
                    for (var input = 0; input < weights.Inputs; input++) sum += (double)weights.At(output, input, y, x) * image[(row * width + column) * weights.Inputs + input];
                }
            result[i] = (float)(weights.Rectified ? Math.Max(0, sum) : sum);
        }
        return result;
    }

    /// <summary>Runs a layer of one input over images; each is height × width × channels, and so is each result. Memory has room for two images more.</summary>
    public static float[][] Run(Layer layer, params float[][] images)
    {
        var (filled, room) = (new Filled(layer.Inputs[0], images), images.Length + 2);
        var (scratch, guard) = ((int)layer.Scratch(room), new Guard(layer, 1000));
        var memory = new Workspace([filled, layer, guard], [layer.Output], room);
        filled.Run(memory, images.Length);
        var behind = new Span<float>(memory.Scratch + scratch, 1000);
        behind.Fill(42);
        layer.Run(memory, images.Length);
        Assert.Equal(-1, behind.IndexOfAnyExcept(42));
        return [.. images.Select((_, image) => Read(memory, layer.Output, image))];
    }

    private static float[] Read(Workspace memory, FeatureMap map, int image)
    {
        var values = new float[map.Area * map.Channels];
        for (var i = 0; i < values.Length; i++) values[i] = memory[map][((long)image * map.Area + i / map.Channels) * map.Pitch + i % map.Channels];
        return values;
    }

    /// <summary>Asks for more working memory than a layer, which that layer must not touch.</summary>
    private sealed class Guard(Layer layer, int more) : Layer(layer.Inputs, layer.Output)
    {
        public override long Scratch(int images) => layer.Scratch(images) + more;

        public override void Run(Workspace memory, int count) => throw new NotSupportedException();
    }

    /// <summary>Puts given values into a map; all around them is not a number, so that nothing can be read that should not.</summary>
    private sealed class Filled(FeatureMap output, float[][] images) : Layer([], output)
    {
        public override void Run(Workspace memory, int count)
        {
            var root = Output.Root;
            new Span<float>(memory[root], count * root.Area * root.Pitch).Fill(float.NaN);
            for (var image = 0; image < count; image++)
                for (var i = 0; i < images[image].Length; i++) memory[Output][((long)image * Output.Area + i / Output.Channels) * Output.Pitch + i % Output.Channels] = images[image][i];
        }
    }
}

using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

// Loads a bundle's pipeline.zip with ML.NET alone and scores images: one line of JSON for the slot names, then one an image.
// Usage: MLNet.Devise.StockScoring pipeline.zip image...
var context = new MLContext();
var model = context.Model.Load(args[0], out _);
var images = context.Data.LoadFromEnumerable(args.Skip(1).Select(path => new Input { Path = path }));
var scored = model.Transform(images);

VBuffer<ReadOnlyMemory<char>> slots = default;
scored.Schema["Similarity"].GetSlotNames(ref slots);
Console.WriteLine(JsonSerializer.Serialize(slots.DenseValues().Select(name => name.ToString())));
foreach (var row in context.Data.CreateEnumerable<Output>(scored, reuseRowObject: false)) Console.WriteLine(JsonSerializer.Serialize(row));
(model as IDisposable)?.Dispose();

internal sealed class Input
{
    public string Path { get; set; } = "";
}

internal sealed class Output
{
    public string Path { get; set; } = "";
    public string[] Labels { get; set; } = [];
    public float[] Scores { get; set; } = [];
    public float[] Similarity { get; set; } = [];
}

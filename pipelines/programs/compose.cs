#:project ../../src/MLNet.Devise/MLNet.Devise.csproj
// Puts the bundle's embedding under one of ML.NET's own trainers: dotnet run pipelines/programs/compose.cs BUNDLE DATA
// SDCA learns the colours of the drawn sample (the first word of a class: "red+star") from its training photos, a task that the
// network was not trained for, and is measured on the photos held out, among them shapes of colours that it has never seen together.
using Microsoft.ML;
using MLNet.Devise;
using MLNet.Devise.Data;
using MLNet.Devise.Scoring;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: compose.cs BUNDLE DATA");
    return 2;
}
var context = new MLContext(seed: 1);
var bundle = ModelBundle.Open(args[0]);
var data = ImageDataset.Open(args[1], new() { Seed = bundle.Manifest.Seed });
IDataView Rows(params Split[] splits) => context.Data.LoadFromEnumerable(
    data.Items.Where(item => splits.Contains(item.Split)).Select(item => new Row { Path = data.FullPath(item), Colour = item.Label.Split('+')[0] }));

// Photos go through the network once; the trainer passes over their embeddings many times.
using var embed = context.Transforms.ScoreImages(bundle, new() { K = 1 }).Fit(Rows(Split.Train));
var train = context.Data.Cache(embed.Transform(Rows(Split.Train)), "Colour", Columns.Embedding);
var trainer = context.Transforms.Conversion.MapValueToKey("Label", "Colour")
    .Append(context.MulticlassClassification.Trainers.SdcaMaximumEntropy(featureColumnName: Columns.Embedding));
var model = trainer.Fit(train);

var metrics = context.MulticlassClassification.Evaluate(model.Transform(embed.Transform(Rows(Split.Valid, Split.Test))));
Console.WriteLine($"colours told right: {metrics.MicroAccuracy:P1} of the photos held out, {metrics.MacroAccuracy:P1} on the mean of the colours");
return 0;

sealed class Row
{
    public string Path { get; set; } = "";
    public string Colour { get; set; } = "";
}

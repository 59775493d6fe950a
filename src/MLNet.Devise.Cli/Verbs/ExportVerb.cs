using System.CommandLine;
using MLNet.Devise.Scoring;
using MLNet.Devise.Training.Export;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise export</c>: a run's weights → ONNX, checked against TorchSharp, in a bundle.</summary>
internal static class ExportVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "Folder of a finished 'devise train'." };
        var head = new Option<BundleHead>("--head") { Description = "devise (stage 2) or conse (stage 1: its likeliest labels' vectors, averaged).", DefaultValueFactory = _ => BundleHead.Devise };
        var top = new Option<int>("--conse-top") { Description = "How many labels --head conse averages.", DefaultValueFactory = _ => new ExportOptions().ConseTop };
        var precision = new Option<BundlePrecision>("--precision") { Description = "fp32, fp16 (half the file) or int8 (a quarter, and faster; calibrated on the run's training images).", DefaultValueFactory = _ => BundlePrecision.Fp32 };
        var output = new Option<string>("--out") { Description = "Where the bundle goes.", Required = true };
        return new Command("export", "Export a run as an ONNX bundle, parity-checked against TorchSharp.") { run, output, head, top, precision }
            .Does((parsed, session) =>
            {
                var bundle = BundleExporter.Export(parsed.GetValue(run)!, parsed.GetValue(output)!, session.Say, new() { Head = parsed.GetValue(head), ConseTop = parsed.GetValue(top), Precision = parsed.GetValue(precision) });
                var bytes = bundle.Manifest.Files[ModelBundle.OnnxName].Bytes;
                var name = bundle.Manifest.Precision.ToString().ToLowerInvariant();
                session.Answer(new { bundle.Folder, head = parsed.GetValue(head).ToString().ToLowerInvariant(), bundle.Manifest.Parameters, bytes, bundle.Manifest.ParityMaxDifference, precision = name, bundle.Manifest.PrecisionLoss },
                    text => text.WriteLine($"{bundle.Manifest.Backbone}, {bundle.Manifest.Parameters:N0} parameters, {name}, {bytes / 1024:N0} KB → {parsed.GetValue(output)}"));
            });
    }
}

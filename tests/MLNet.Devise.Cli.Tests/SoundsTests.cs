using System.Text.Json;
using MLNet.Devise.Tests;

namespace MLNet.Devise.Cli.Tests;

/// <summary>Sounds through the same pipeline as pictures.</summary>
public sealed class SoundsTests
{
    [Fact]
    public void A_sound_pipeline_goes_from_synthesis_to_the_report()
    {
        using var folder = new TemporaryFolder();
        var pipeline = folder.Write("tinysounds.json", """
            {
              "preset": "paper",
              "sounds": { "soundsPerClass": 4, "spectrogram": { "size": 32 } },
              "training": {
                "imageSize": 32, "batchSize": 32, "threads": 1, "augment": { "flip": 0, "rotate": 0, "zoom": 1, "warp": 0, "crop": 1 },
                "stage1": [ { "epochs": 1, "learningRate": 2e-3 } ],
                "stage2": [ { "epochs": 1, "learningRate": 1e-3 } ]
              }
            }
            """);
        var run = Devise.Run("run", pipeline, "--out", folder["out"], "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        var data = JsonDocument.Parse(run.Output).RootElement.GetProperty("data");
        Assert.Equal((25, 5, 20), (data.GetProperty("seenClasses").GetInt32(), data.GetProperty("unseenClasses").GetInt32(), data.GetProperty("unseenImages").GetInt32()));
        Assert.True(File.Exists(folder["out", "report.html"]));
        Assert.True(File.Exists(folder["out", "data", "sounds", "rising+tone", "rising+tone_10001.wav"]));
    }

    [Fact]
    public void The_sample_verb_makes_either_kind()
    {
        using var folder = new TemporaryFolder();
        var sounds = Devise.Run("sample", "--kind", "sounds", "--out", folder["sounds"], "--images-per-class", "1");
        Assert.True(sounds.ExitCode == 0, sounds.Error);
        Assert.StartsWith("30 sounds of 30 classes, 5 held out", sounds.Output, StringComparison.Ordinal);
        // One kind is not made over the other.
        Assert.Equal(2, Devise.Run("sample", "--out", folder["sounds"]).ExitCode);
    }
}

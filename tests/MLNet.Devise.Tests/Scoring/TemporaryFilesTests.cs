using Microsoft.ML;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Tests.Scoring;

/// <summary>Changes where temporary files go, for the whole process: nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(TemporaryFilesTests), DisableParallelization = true)]
[Collection(nameof(TemporaryFilesTests))]
public sealed class TemporaryFilesTests
{
    [Fact]
    public void Saving_and_scoring_leave_no_temporary_file()
    {
        using var folder = new TemporaryFolder();
        var (usual, temp) = (Environment.GetEnvironmentVariable("TMPDIR"), Directory.CreateDirectory(folder["temp"]));
        Environment.SetEnvironmentVariable("TMPDIR", temp.FullName);
        try
        {
            Assert.SkipUnless(Path.GetTempPath().StartsWith(temp.FullName, StringComparison.Ordinal), "the temp folder of this system is not TMPDIR");
            var bundle = TinyBundle.Write(folder["bundle"]);
            var context = new MLContext();
            var paths = context.Data.LoadFromEnumerable([new PathRow { Path = Pictures.Save(folder["a.png"]) }]);
            using (var model = context.Transforms.ScoreImages(bundle).Fit(paths)) Assert.Single(context.Data.CreateEnumerable<StatusRow>(model.Transform(paths), false));
            Assert.Empty(temp.GetFileSystemInfos());
            Assert.Equal(["bundle.json", "labels.vec", "model.onnx", "pipeline.zip"], Directory.GetFileSystemEntries(folder["bundle"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }
        finally
        {
            Environment.SetEnvironmentVariable("TMPDIR", usual);
        }
    }

    private sealed class StatusRow { public string Status { get; set; } = ""; }
}

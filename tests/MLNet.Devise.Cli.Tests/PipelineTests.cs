using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Tests;

namespace MLNet.Devise.Cli.Tests;

/// <summary>One small pipeline, run once by the real program, and every verb on what it leaves.</summary>
public sealed class PipelineTests(PipelineTests.Finished run) : IClassFixture<PipelineTests.Finished>
{
    /// <summary>A pipeline of seconds: it learns little, but every part of it runs.</summary>
    public sealed class Finished : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Finished()
        {
            var pipeline = _folder.Write("tiny.json", """
                {
                  "title": "Tiny <test>",
                  "preset": "paper",
                  "sample": { "imagesPerClass": 4, "size": 32 },
                  "training": {
                    "imageSize": 32, "batchSize": 32, "threads": 1,
                    "stage1": [ { "epochs": 1, "learningRate": 2e-3 } ],
                    "stage2": [ { "epochs": 1, "learningRate": 1e-3, "lowestLearningRate": 1e-4 } ]
                  },
                  "topLabels": 3
                }
                """);
            Answer = Devise.Run("run", pipeline, "--out", this["out"], "--seed", "3", "--json");
        }

        internal Devise Answer { get; }

        internal string this[params string[] names] => _folder[names];

        public void Dispose() => _folder.Dispose();
    }

    [Fact]
    public void Everything_promised_is_there()
    {
        Assert.True(run.Answer.ExitCode == 0, run.Answer.Error);
        string[] promised = ["run/stage1.safetensors", "run/stage2.safetensors", "run/history.csv", "run/train.json", "bundle/model.onnx", "bundle/labels.vec", "bundle/bundle.json", "bundle/pipeline.zip", "scores.csv", "metrics.json", "predictions.csv", "report.html", "figures/confusion.png", "figures/training.png", "figures/training.svg", "figures/histogram.png", "figures/embedding.png", "figures/embedding-epochs.png", "figures/embedding-epochs.gif", "figures/seen-unseen.png", "figures/reliability.png", "run/embeddings/epoch-01.safetensors"];
        Assert.All(promised, name => Assert.True(File.Exists(run["out", name]), name));
        Assert.Empty(Directory.GetFileSystemEntries(run["out"], "*.partial", SearchOption.AllDirectories));
    }

    [Fact]
    public void The_metrics_have_their_fixed_names_and_lie_between_0_and_1()
    {
        using var metrics = JsonDocument.Parse(File.ReadAllText(run["out", "metrics.json"]));
        foreach (var path in (string[])[
            "stage1.accuracy", "seen.top1", "seen.top3", "seen.top5", "seen.top10", "seen.perClassTop1", "zeroShot.unseenLabels.top1", "zeroShot.unseenLabels.perClassTop1",
            "zeroShot.allLabels.top1", "zeroShot.allLabels.top5", "zeroShot.allLabels.top10", "zeroShot.allLabels.perClassTop1", "generalized.unseen", "generalized.seen", "generalized.harmonic",
            "retrieval.textToImage.precisionAt10", "retrieval.textToImage.map", "retrieval.imageToImage.precisionAt10"])
            Assert.InRange(path.Split('.').Aggregate(metrics.RootElement, (element, name) => element.GetProperty(name)).GetDouble(), 0, 1);
        Assert.Equal(1_404_868, metrics.RootElement.GetProperty("model").GetProperty("parameters").GetInt64());
        Assert.Equal(63, metrics.RootElement.GetProperty("data").GetProperty("seenClasses").GetInt32());
        Assert.True(metrics.RootElement.GetProperty("timing").GetProperty("trainSeconds").GetDouble() > 0);
        // With --json the same object is the program's answer, and nothing else is on standard output.
        Assert.Equal(metrics.RootElement.GetProperty("seen").GetProperty("top1").GetDouble(), JsonDocument.Parse(run.Answer.Output).RootElement.GetProperty("seen").GetProperty("top1").GetDouble());
    }

    [Fact]
    public void Scores_have_a_row_an_image_and_the_labels_asked_for()
    {
        var lines = File.ReadAllLines(run["out", "scores.csv"]);
        Assert.Equal(1 + 72 * 4, lines.Length);
        Assert.Equal("Path,Status,Error,Labels,Scores,Embedding", lines[0]);
        Assert.All(lines.Skip(1), line => Assert.Equal(3, line.Split(',')[3].Split(';').Length));
    }

    [Fact]
    public void Evaluating_the_bundle_again_gives_the_same_metrics()
    {
        var answer = Devise.Run("evaluate", run["out", "bundle"], "--data", run["out", "data"], "--out", run["again"], "--quiet");
        Assert.True(answer.ExitCode == 0, answer.Error);
        Assert.Empty(answer.Error);
        using var first = JsonDocument.Parse(File.ReadAllText(run["out", "metrics.json"]));
        using var second = JsonDocument.Parse(File.ReadAllText(run["again", "metrics.json"]));
        foreach (var part in (string[])["seen", "zeroShot", "generalized", "retrieval"])
            Assert.Equal(first.RootElement.GetProperty(part).ToString(), second.RootElement.GetProperty(part).ToString());
    }

    [Fact]
    public void Another_seed_of_the_evaluation_draws_other_intervals_of_the_same_images()
    {
        var answer = Devise.Run("evaluate", run["out", "bundle"], "--data", run["out", "data"], "--out", run["reseeded"], "--seed", "99", "--quiet");
        Assert.True(answer.ExitCode == 0, answer.Error);
        Assert.Equal(File.ReadAllText(run["out", "predictions.csv"]), File.ReadAllText(run["reseeded", "predictions.csv"]));
        var (first, second) = (EvaluationReport.Read(run["out", "metrics.json"]), EvaluationReport.Read(run["reseeded", "metrics.json"]));
        Assert.Equal(first.Seen, second.Seen);
        Assert.NotEqual(first.Intervals!.Values, second.Intervals!.Values);
    }

    [Fact]
    public void The_report_of_a_run_has_heat_of_both_stages_and_that_of_a_bundle_alone_has_stage_2s()
    {
        var page = File.ReadAllText(run["out", "report.html"]);
        Assert.Contains(", stage 1\"", page, StringComparison.Ordinal);
        Assert.Contains("map-epochs-data", page, StringComparison.Ordinal);
        Assert.Contains("γ, chosen on seen classes, which stage 1 was trained on", System.Net.WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        var answer = Devise.Run("evaluate", run["out", "bundle"], "--data", run["out", "data"], "--out", run["alone"], "--quiet");
        Assert.True(answer.ExitCode == 0, answer.Error);
        page = File.ReadAllText(run["alone", "report.html"]);
        Assert.Matches("alt=\"Heat of [^\"]*, cosine ", page);
        Assert.Contains("it has only 1 × 1 cells", System.Net.WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.DoesNotContain(", stage 1\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("map-epochs-data", page, StringComparison.Ordinal);

        CopyFolder(run["out", "run"], run["other"]);
        var manifest = JsonNode.Parse(File.ReadAllText(run["other", "train.json"]))!;
        manifest["seen"]![0] = "something else";
        File.WriteAllText(run["other", "train.json"], manifest.ToJsonString());
        answer = Devise.Run("evaluate", run["out", "bundle"], "--data", run["out", "data"], "--out", run["alone"], "--run", run["other"]);
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("trained on other classes than", answer.Complaint, StringComparison.Ordinal);

        // Another run of the same classes.
        manifest = JsonNode.Parse(File.ReadAllText(run["out", "run", "train.json"]))!;
        manifest["options"]!["seed"] = 4;
        File.WriteAllText(run["other", "train.json"], manifest.ToJsonString());
        answer = Devise.Run("evaluate", run["out", "bundle"], "--data", run["out", "data"], "--out", run["alone"], "--run", run["other"]);
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("another run than that of", answer.Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void Hypernyms_and_a_vocabulary_add_their_figures_and_runs_compare()
    {
        var classes = File.ReadAllLines(run["out", "data", "classes.txt"]).Select(line => line.Split('\t')[^1]).ToArray();
        File.WriteAllLines(run["kinds.txt"], classes.SelectMany(name => (string[])[$"{name}\t{name.Split('+')[0]}", $"{name.Split('+')[0]}\tthing"]));
        var answer = Devise.Run("evaluate", run["out", "bundle"], "--data", run["out", "data"], "--out", run["more"], "--vectors", run["out", "data", "vectors.vec"], "--hypernyms", run["kinds.txt"], "--resamples", "200", "--quiet");
        Assert.True(answer.ExitCode == 0, answer.Error);
        using var metrics = JsonDocument.Parse(File.ReadAllText(run["more", "metrics.json"]));
        JsonElement At(string path) => path.Split('.').Aggregate(metrics.RootElement, (element, name) => element.GetProperty(name));
        Assert.True(At("zeroShot.vocabulary.labels").GetInt32() > 72);
        Assert.Equal(At("seen.top1").GetDouble(), At("hierarchy.seen.at1").GetDouble(), 1e-12);
        Assert.InRange(At("hierarchy.allLabels.at5").GetDouble(), 0, 1);
        Assert.Equal(200, At("intervals.resamples").GetInt32());
        foreach (var name in (string[])["seen.top1", "zeroShot.vocabulary.top10", "generalized.harmonic"])
            Assert.InRange(At(name).GetDouble(), At("intervals.values").GetProperty(name).GetProperty("low").GetDouble() - 0.2, At("intervals.values").GetProperty(name).GetProperty("high").GetDouble() + 0.2);
        var images = At("data.seenImages").GetInt32() + At("data.unseenImages").GetInt32();
        Assert.Equal(1 + images, File.ReadLines(run["more", "predictions.csv"]).Count());

        var compared = Devise.Run("report", "compare", run["out"], run["more"], "--out", run["compared"], "--json");
        Assert.True(compared.ExitCode == 0, compared.Error);
        using var comparison = JsonDocument.Parse(compared.Output);
        Assert.Equal(images, comparison.RootElement.GetProperty("images").GetInt32());
        Assert.Equal(["out", "more"], comparison.RootElement.GetProperty("runs").EnumerateArray().Select(name => name.GetString()));
        Assert.All(comparison.RootElement.GetProperty("figures").EnumerateArray(), figure => Assert.Equal(0, figure.GetProperty("differences")[0].GetProperty("value").GetDouble()));
        Assert.Equal(comparison.RootElement.ToString(), JsonDocument.Parse(File.ReadAllText(run["compared", "compare.json"])).RootElement.ToString());
        Assert.Contains("2 models on the same", File.ReadAllText(run["compared", "compare.html"]), StringComparison.Ordinal);
        Assert.True(Devise.Run("report", "compare", run["out"], run["more"], "--out", run["page.html"], "--resamples", "20").ExitCode == 0 && File.Exists(run["page.html"]));

        var alone = Devise.Run("evaluate", run["out", "bundle"], "--data", run["out", "data"], "--out", run["more"], "--labels", run["out", "data", "classes.txt"]);
        Assert.Equal((2, "evaluate: --labels without --vectors, expected the word vectors to look them up in"), (alone.ExitCode, alone.Complaint));
        File.WriteAllText(run["few.txt"], $"{classes[0]}\tthing\n");
        Assert.Contains("few.txt: 71 of 72 labels are not in it", Devise.Run("evaluate", run["out", "bundle"], "--data", run["out", "data"], "--out", run["more"], "--hypernyms", run["few.txt"]).Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gamma_adds_the_calibrated_line_and_no_gamma_none()
    {
        var answer = Devise.Run("evaluate", run["out", "bundle"], "--data", run["out", "data"], "--out", run["gamma"], "--gamma", "0.25", "--quiet");
        Assert.True(answer.ExitCode == 0, answer.Error);
        using var metrics = JsonDocument.Parse(File.ReadAllText(run["gamma", "metrics.json"]));
        var calibrated = metrics.RootElement.GetProperty("generalized").GetProperty("calibrated");
        Assert.Equal(["gamma", "unseen", "seen", "harmonic"], calibrated.EnumerateObject().Select(property => property.Name));
        Assert.Equal(0.25, calibrated.GetProperty("gamma").GetDouble());
        Assert.Contains("  with γ 0.25             ", answer.Output, StringComparison.Ordinal);
        Assert.Contains("seen names lowered by 0.25", File.ReadAllText(run["gamma", "report.html"]), StringComparison.Ordinal);
        var wrong = Devise.Run("evaluate", run["out", "bundle"], "--data", run["out", "data"], "--out", run["gamma"], "--gamma", "NaN");
        Assert.Equal((2, "--gamma: NaN, expected a finite number, usually 0..1"), (wrong.ExitCode, wrong.Complaint));
    }

    [Fact]
    public void The_gamma_of_a_bundle_is_taken_where_none_is_given()
    {
        CopyFolder(run["out", "bundle"], run["withgamma"]);
        var manifest = JsonNode.Parse(File.ReadAllText(run["withgamma", "bundle.json"]))!;
        manifest["gamma"] = 0.4;
        File.WriteAllText(run["withgamma", "bundle.json"], manifest.ToJsonString());
        var answer = Devise.Run("evaluate", run["withgamma"], "--data", run["out", "data"], "--out", run["gammaout"], "--json");
        Assert.True(answer.ExitCode == 0, answer.Error);
        Assert.Equal(0.4, JsonDocument.Parse(answer.Output).RootElement.GetProperty("generalized").GetProperty("calibrated").GetProperty("gamma").GetDouble());
    }

    [Fact]
    public void ConSE_exports_evaluates_scores_and_searches()
    {
        var export = Devise.Run("export", run["out", "run"], "--head", "conse", "--conse-top", "5", "--out", run["conse", "bundle"], "--json");
        Assert.True(export.ExitCode == 0, export.Error);
        Assert.Equal("conse", JsonDocument.Parse(export.Output).RootElement.GetProperty("head").GetString());
        var manifest = JsonDocument.Parse(File.ReadAllText(run["conse", "bundle", "bundle.json"])).RootElement;
        Assert.Equal(("conse", 5), (manifest.GetProperty("head").GetString(), manifest.GetProperty("conseTop").GetInt32()));
        foreach (var words in (string[][])[
            ["evaluate", run["conse", "bundle"], "--data", run["out", "data"], "--out", run["conse"]],
            ["score", run["conse", "bundle"], "--images", run["out", "data"], "--out", run["conse", "scores.csv"], "--embeddings"],
            ["search", run["conse", "scores.csv"], "--text", "red star"]])
        {
            var answer = Devise.Run(words);
            Assert.True(answer.ExitCode == 0, answer.Error);
        }
        using var metrics = JsonDocument.Parse(File.ReadAllText(run["conse", "metrics.json"]));
        // The first of the softmax has the largest weight, but others may outvote it: near the classifier's accuracy, not equal to it.
        Assert.InRange(metrics.RootElement.GetProperty("seen").GetProperty("top1").GetDouble(), 0, 1);
    }

    [Theory]
    [InlineData("fp16", 0.45, 0.55), InlineData("int8", 0.2, 0.35)]
    public void A_lower_precision_makes_a_smaller_bundle_that_says_what_it_cost_and_scores(string precision, double least, double most)
    {
        var export = Devise.Run("export", run["out", "run"], "--out", run[precision], "--precision", precision, "--json");
        Assert.True(export.ExitCode == 0, export.Error);
        Assert.Contains($"{precision} on ", export.Error, StringComparison.Ordinal);
        var manifest = JsonNode.Parse(File.ReadAllText(run[precision, "bundle.json"]))!;
        Assert.Equal(precision, (string)manifest["precision"]!);
        var (cosine, cost) = ((double)manifest["precisionLoss"]!["meanCosine"]!, manifest["precisionLoss"]!);
        Assert.InRange(cosine, 0.9, 1.00001);
        Assert.InRange((double)cost["minCosine"]!, -1, cosine);
        Assert.Equal(cost.ToJsonString(), JsonNode.Parse(export.Output)!["precisionLoss"]!.ToJsonString());
        Assert.InRange(new FileInfo(run[precision, "model.onnx"]).Length / (double)new FileInfo(run["out", "bundle", "model.onnx"]).Length, least, most);
        var label = Devise.Run("label", run[precision], Picture, "-k", "2", "--provider", "cpu", "--json");
        Assert.True(label.ExitCode == 0, label.Error);
    }

    [Fact]
    public void Int8_without_the_runs_images_is_refused_and_fp16_is_not()
    {
        CopyFolder(run["out", "run"], run["moved"]);
        var manifest = JsonNode.Parse(File.ReadAllText(run["moved", "train.json"]))!;
        manifest["data"] = run["gone"];
        File.WriteAllText(run["moved", "train.json"], manifest.ToJsonString());
        var refused = Devise.Run("export", run["moved"], "--out", run["moved8"], "--precision", "int8");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains($"int8 calibrates on the images that the run was trained on, but {run["gone"]}: no such data folder", refused.Complaint, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run["moved8"]));
        var half = Devise.Run("export", run["moved"], "--out", run["moved16"], "--precision", "fp16");
        Assert.True(half.ExitCode == 0, half.Error);
        Assert.Null(JsonNode.Parse(File.ReadAllText(run["moved16", "bundle.json"]))!["precisionLoss"]);
    }

    [Fact]
    public void A_provider_that_is_not_there_is_refused_with_the_package_to_reference()
    {
        var answer = Devise.Run("label", run["out", "bundle"], Picture, "--provider", "openvino");
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("reference Intel.ML.OnnxRuntime.OpenVino, or take --provider cpu", answer.Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fold_is_evaluated_on_seen_classes_alone()
    {
        // As a bundle of 'train --fold 1/4' has it: every fourth seen class, from the second on, is unseen.
        CopyFolder(run["out", "bundle"], run["folded"]);
        var manifest = JsonNode.Parse(File.ReadAllText(run["folded", "bundle.json"]))!;
        manifest["seen"] = new JsonArray([.. manifest["seen"]!.AsArray().Where((_, position) => position % 4 != 1).Select(name => name!.DeepClone())]);
        File.WriteAllText(run["folded", "bundle.json"], manifest.ToJsonString());
        var answer = Devise.Run("evaluate", run["folded"], "--data", run["out", "data"], "--out", run["foldedout"], "--fold", "1/4", "--json");
        Assert.True(answer.ExitCode == 0, answer.Error);
        var data = JsonDocument.Parse(answer.Output).RootElement.GetProperty("data");
        Assert.Equal((47, 16, 64), (data.GetProperty("seenClasses").GetInt32(), data.GetProperty("unseenClasses").GetInt32(), data.GetProperty("unseenImages").GetInt32()));
    }

    [Fact]
    public void A_bundle_of_a_fold_is_refused_data_without_it()
    {
        CopyFolder(run["out", "bundle"], run["foldless"]);
        var manifest = JsonNode.Parse(File.ReadAllText(run["foldless", "bundle.json"]))!;
        manifest["seen"] = new JsonArray([.. manifest["seen"]!.AsArray().Skip(2).Select(name => name!.DeepClone())]);
        File.WriteAllText(run["foldless", "bundle.json"], manifest.ToJsonString());
        var answer = Devise.Run("evaluate", run["foldless"], "--data", run["out", "data"], "--out", run["foldlessout"]);
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("seen in the data but never trained on by the bundle", answer.Complaint, StringComparison.Ordinal);
        Assert.Contains("--fold", answer.Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void Stage_1_of_another_run_is_found_beside_the_file_and_no_path_goes_into_the_bundle()
    {
        const string training = """{ "imageSize": 32, "batchSize": 32, "threads": 1, "calibrate": false, "stage1": [], "stage1Run": "../out/run", "stage2": [ { "epochs": 1, "frozen": true, "learningRate": 1e-3 } ] }""";
        Directory.CreateDirectory(run["files"]);
        File.WriteAllText(run["files", "options.json"], training);
        var train = Devise.Run("train", "--preset", "paper", "--options", run["files", "options.json"], "--data", run["out", "data"], "--vectors", run["out", "data", "vectors.vec"], "--out", run["second"], "--seed", "3");
        Assert.True(train.ExitCode == 0, train.Error);
        Assert.Equal(File.ReadAllBytes(run["out", "run", "stage1.safetensors"]), File.ReadAllBytes(run["second", "stage1.safetensors"]));
        var export = Devise.Run("export", run["second"], "--out", run["secondbundle"]);
        Assert.True(export.ExitCode == 0, export.Error);
        Assert.Equal("run", (string)JsonNode.Parse(File.ReadAllText(run["secondbundle", "bundle.json"]))!["training"]!["options"]!["stage1Run"]!);

        File.WriteAllText(run["files", "pipeline.json"], $$"""{ "preset": "paper", "sample": {}, "training": {{training}} }""");
        Assert.Equal(run["out", "run"], PipelineFile.Read(run["files", "pipeline.json"]).Training.Stage1Run);
        File.WriteAllText(run["files", "experiment.json"], $$"""{ "data": ".", "vectors": "v.vec", "training": {{training}}, "rows": [ { "name": "a" } ] }""");
        Assert.Equal(run["out", "run"], ExperimentFile.Read(run["files", "experiment.json"]).Rows[0].Training!.Stage1Run);
    }

    [Fact]
    public void A_fold_that_was_not_trained_is_refused()
    {
        var answer = Devise.Run("evaluate", run["out", "bundle"], "--data", run["out", "data"], "--out", run["fold"], "--fold", "0/4");
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("unseen in the data but trained on by the bundle", answer.Complaint, StringComparison.Ordinal);
        foreach (var wrong in (string[])["4/4", "1", "a/b", "-1/4", "0/1", "0/4/4"])
            Assert.Contains($"--fold: '{wrong}', expected i/N", Devise.Run("evaluate", run["out", "bundle"], "--data", run["out", "data"], "--out", run["fold"], $"--fold={wrong}").Complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_corrupt_photo_is_skipped_reported_and_counted()
    {
        Directory.CreateDirectory(run["mixed"]);
        File.Copy(Picture, run["mixed", "good.png"], overwrite: true);
        File.WriteAllBytes(run["mixed", "cut.png"], File.ReadAllBytes(Picture)[..90]);
        File.WriteAllText(run["mixed", "empty.jpg"], "");
        var answer = Devise.Run("score", run["out", "bundle"], "--images", run["mixed"], "--out", run["mixed.jsonl"], "-k", "2", "--json");
        Assert.True(answer.ExitCode == 0, answer.Error);
        Assert.Equal(["corrupt", "corrupt", "ok"], File.ReadLines(run["mixed.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("Status").GetString()));
        Assert.Equal(3, JsonDocument.Parse(answer.Output).RootElement.GetProperty("rows").GetInt32());
    }

    [Fact]
    public void Text_and_image_searches_answer_best_first()
    {
        var text = Devise.Run("search", run["out", "scores.csv"], "--text", "red star", "-k", "5", "--json");
        Assert.True(text.ExitCode == 0, text.Error);
        var cosines = JsonDocument.Parse(text.Output).RootElement.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("cosine").GetDouble()).ToArray();
        Assert.Equal(5, cosines.Length);
        Assert.Equal(cosines.OrderDescending(), cosines);
        var image = Devise.Run("search", run["out", "scores.csv"], "--image", Picture, "-k", "1", "--json");
        var best = JsonDocument.Parse(image.Output).RootElement.GetProperty("hits")[0];
        Assert.Equal(Path.GetRelativePath(run["out", "data"], Picture).Replace('\\', '/'), best.GetProperty("path").GetString());
        Assert.Equal(1, best.GetProperty("cosine").GetDouble(), 4);
    }

    [Fact]
    public void Other_words_need_the_vectors_and_the_message_says_so()
    {
        var without = Devise.Run("search", run["out", "scores.csv"], "--text", "teal hexagon");
        Assert.Equal(2, without.ExitCode);
        Assert.Contains("name vectors.vec with --vectors", without.Complaint, StringComparison.Ordinal);
        Assert.Equal(0, Devise.Run("search", run["out", "scores.csv"], "--text", "red", "--vectors", run["out", "data", "vectors.vec"]).ExitCode);
        // A label and a word that is none.
        var sum = Devise.Run("search", run["out", "scores.csv"], "--text", "red star - 0.5 * red", "--vectors", run["out", "data", "vectors.vec"], "--json");
        Assert.True(sum.ExitCode == 0, sum.Error);
        Assert.Equal("red star - 0.5 * red", JsonDocument.Parse(sum.Output).RootElement.GetProperty("query").GetString());
    }

    [Fact]
    public void Label_names_a_file_and_a_bad_one_gets_its_reason()
    {
        File.WriteAllText(run["notes.txt"], "not a picture");
        var answer = Devise.Run("label", run["out", "bundle"], Picture, run["notes.txt"], "-k", "2");
        Assert.True(answer.ExitCode == 0, answer.Error);
        var lines = answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith($"{run["notes.txt"]}: unsupported: ", lines[1], StringComparison.Ordinal);
        Assert.Equal(2, Devise.Run("label", run["out", "bundle"], run["notes.txt"]).ExitCode);
    }

    [Fact]
    public void A_cut_off_network_is_refused_by_name_and_no_scores_are_left()
    {
        CopyFolder(run["out", "bundle"], run["damaged"]);
        File.WriteAllBytes(run["damaged", "model.onnx"], File.ReadAllBytes(run["damaged", "model.onnx"])[..^1000]);
        var answer = Devise.Run("score", run["damaged"], "--images", run["out", "data"], "--out", run["never.csv"]);
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("model.onnx has", answer.Complaint, StringComparison.Ordinal);
        Assert.False(File.Exists(run["never.csv"]));
    }

    [Fact]
    public void A_cut_off_checkpoint_is_refused_by_name_and_no_bundle_is_left()
    {
        CopyFolder(run["out", "run"], run["damagedrun"]);
        File.WriteAllBytes(run["damagedrun", "stage2.safetensors"], File.ReadAllBytes(run["damagedrun", "stage2.safetensors"])[..^1000]);
        var answer = Devise.Run("export", run["damagedrun"], "--out", run["neverbundle"]);
        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("stage2.safetensors", answer.Complaint, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run["neverbundle"]));
    }

    [Fact]
    public void Vectors_and_data_can_be_looked_into()
    {
        var info = Devise.Run("vectors", "info", run["out", "data", "vectors.vec"], "--json");
        Assert.Equal(300, JsonDocument.Parse(info.Output).RootElement.GetProperty("dimension").GetInt32());
        var nearest = Devise.Run("vectors", "nearest", run["out", "data", "vectors.vec"], "red", "-k", "4", "--json");
        Assert.Equal(4, JsonDocument.Parse(nearest.Output).RootElement.GetProperty("nearest").GetArrayLength());
        var verify = Devise.Run("data", "verify", run["out", "data"], "--json");
        Assert.Equal(72 * 4, JsonDocument.Parse(verify.Output).RootElement.GetProperty("images").GetInt32());
    }

    private string Picture => Directory.GetFiles(run["out", "data", "JPEGImages"], "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
    }
}

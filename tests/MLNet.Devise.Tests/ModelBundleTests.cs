using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;
using MLNet.Devise.Tests.Scoring;

namespace MLNet.Devise.Tests;

public sealed class ModelBundleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Folder => _folder["bundle"];

    [Fact]
    public void What_was_written_is_read()
    {
        var written = TinyBundle.Write(Folder);
        var bundle = ModelBundle.Open(Folder);
        Assert.Equal(written.Labels.Names, bundle.Labels.Names);
        Assert.Equal(TinyBundle.Space().Vectors.ToArray(), bundle.Labels.Vectors.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6f);
        Assert.Equal((TinyBundle.Size, TinyBundle.Dimension, "tiny"), (bundle.Manifest.ImageSize, bundle.Manifest.Dimension, bundle.Manifest.Backbone));
        Assert.Equal(3, bundle.Manifest.Files.Count);
        Assert.True(Path.IsPathFullyQualified(bundle.OnnxPath));
    }

    [Theory]
    [InlineData(ModelBundle.OnnxName), InlineData(ModelBundle.LabelsName), InlineData(ModelBundle.PipelineName)]
    public void A_missing_a_truncated_and_a_changed_file_are_told_apart(string name)
    {
        TinyBundle.Write(Folder);
        var file = Path.Combine(Folder, name);
        var bytes = File.ReadAllBytes(file);
        bytes[^10] ^= 1;
        File.WriteAllBytes(file, bytes);
        Fails($"{name} does not match the SHA-256 in bundle.json");
        File.WriteAllBytes(file, bytes[..^1]);
        Fails($"{name} has {bytes.Length - 1} bytes, bundle.json says {bytes.Length}");
        File.Delete(file);
        Fails($"{name} is missing, bundle.json lists it");
    }

    [Fact]
    public void A_newer_format_asks_for_an_update() => Manifest("formatVersion", 2, "format version 2, this program reads 1; update MLNet.Devise or export the run again");

    [Theory]
    [InlineData("imageSize", 5, "image size 5"), InlineData("imageSize", 100_000, "image size 100000"), InlineData("dimension", 0, "dimension 0")]
    [InlineData("dimension", 9, "labels.vec has 8 values a label, bundle.json says 9")]
    [InlineData("backbone", null, "not a bundle's manifest"), InlineData("seen", "x", "not a bundle's manifest"), InlineData("scaling", "no", "not a bundle's manifest")]
    public void A_manifest_that_makes_no_sense_is_refused(string key, object? value, string message) => Manifest(key, value, message);

    [Fact]
    public void A_label_transform_comes_along_and_other_words_go_through_it()
    {
        var vectors = _folder.Write("v.vec", "3 8\na 1 2 3 4 5 6 7 8\nb 8 7 6 5 4 3 2 1\nc 1 -1 1 -1 1 -1 1 -1\n");
        var transform = LabelTransform.Fit(vectors, new() { Kind = LabelTransformKind.Whiten })!;
        WithTransform(transform);
        var bundle = ModelBundle.Open(Folder);
        Assert.Equal(transform.Map.ToArray(), bundle.Transform!.Map.ToArray());
        Assert.Equal(4, bundle.Manifest.Files.Count);
        Assert.Equal(LabelSpace.FromVec(["a", "b+c"], vectors).Through(transform).Vectors.ToArray(), bundle.FindLabels(["a", "b+c"], vectors).Vectors.ToArray());
        Assert.Contains("2 values a word, the bundle has 8; name the file it was trained with (none)", Assert.Throws<DeviseInputException>(() => bundle.FindLabels(["a"], _folder.Write("w.vec", "1 2\na 1 2\n"))).Message, StringComparison.Ordinal);

        var file = Path.Combine(Folder, ModelBundle.TransformName);
        File.WriteAllBytes(file, [.. File.ReadAllBytes(file)[..^1], 0x11]);
        Fails($"{ModelBundle.TransformName} does not match the SHA-256");
    }

    [Fact]
    public void Labels_are_chosen_among_its_own_and_others_and_a_vocabulary_goes_through_the_transform()
    {
        var vectors = _folder.Write("v.vec", "4 8\na 1 2 3 4 5 6 7 8\nLabel_2 1 1 1 1 1 1 1 1\nb 8 7 6 5 4 3 2 1\nc 1 -1 1 -1 1 -1 1 -1\n");
        var transform = LabelTransform.Fit(vectors, new() { Kind = LabelTransformKind.Centre })!;
        WithTransform(transform);
        var bundle = ModelBundle.Open(Folder);

        var chosen = bundle.ChooseLabels(["b", "label 4", "a"], vectors);
        Assert.Equal(["b", "label+4", "a"], chosen.Names);
        Assert.Equal(bundle.Labels.Vector(4).ToArray(), chosen.Vector(1).ToArray(), (x, y) => Math.Abs(x - y) < 1e-6f);
        Assert.Equal(bundle.FindLabels(["a"], vectors).Vector(0).ToArray(), chosen.Vector(2).ToArray());

        var all = bundle.ReadVocabulary(vectors);
        Assert.Equal([.. bundle.Labels.Names, "a", "b", "c"], all.Names);
        Assert.Equal(chosen.Vector(0).ToArray(), all.Vector(all.IndexOf("b")).ToArray());
        var cache = _folder["v.cache"];
        using (var reader = MLNet.Devise.Labels.Files.VectorReader.Open(vectors)) MLNet.Devise.Labels.Cache.CacheWriter.Write(reader, cache, MLNet.Devise.Labels.Cache.CachePrecision.Fp32, null, default);
        Assert.Equal(all.Names, bundle.ReadVocabulary(cache).Names);
        Assert.Contains("2 values a word, the labels have 8", Assert.Throws<DeviseInputException>(() => bundle.ReadVocabulary(_folder.Write("w.vec", "1 2\na 1 2\n"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bundle_without_a_label_transform_leaves_other_words_as_they_are()
    {
        TinyBundle.Write(Folder);
        var bundle = ModelBundle.Open(Folder);
        Assert.Null(bundle.Transform);
        Assert.Equal((BundleHead.Devise, null, null), (bundle.Manifest.Head, bundle.Manifest.ConseTop, bundle.Manifest.Gamma));
        var vectors = _folder.Write("v.vec", "1 8\na 1 2 3 4 5 6 7 8\n");
        Assert.Equal(LabelSpace.FromVec(["a"], vectors).Vectors.ToArray(), bundle.FindLabels(["a"], vectors).Vectors.ToArray());
    }

    [Fact]
    public void A_label_transform_of_another_size_is_refused() =>
        Assert.Contains($"{ModelBundle.TransformName} is for 2 values, bundle.json says 8", Assert.Throws<DeviseInputException>(() => WithTransform(new(new() { Kind = LabelTransformKind.Centre }, 9, [1, 2], null))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_gamma_that_is_no_number_is_refused() => Manifest("gamma", "NaN", "gamma NaN, expected a finite number");

    [Theory]
    [InlineData("../labels.vec"), InlineData(".."), InlineData("sub/file")]
    public void Files_outside_the_bundle_are_refused(string name)
    {
        TinyBundle.Write(Folder);
        Edit(json => json["files"]![name] = new JsonObject { ["bytes"] = 1, ["sha256"] = "00" });
        Fails($"bundle.json lists '{name}', expected files of the bundle's own folder");
    }

    [Fact]
    public void A_folder_without_a_manifest_or_with_an_unlisted_model_is_not_a_bundle()
    {
        Directory.CreateDirectory(Folder);
        Fails("no bundle.json in it");
        TinyBundle.Write(_folder["bundle"]);
        Edit(json => json["files"]!.AsObject().Remove(ModelBundle.OnnxName));
        Fails("bundle.json does not list model.onnx");
    }

    [Fact]
    public void What_an_interrupted_replacement_left_aside_is_put_back_or_removed()
    {
        TinyBundle.Write(_folder["bundle.abcdefgh.1x2.older"]);
        Assert.Contains($"an interrupted export has left the bundle before it in {_folder["bundle.abcdefgh.1x2.older"]}", Assert.Throws<DeviseInputException>(() => ModelBundle.Open(Folder)).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => ModelBundle.Write(Folder, TinyBundle.Network(), TinyBundle.Space(), TinyBundle.Manifest(), (_, _) => throw new IOException()));
        Assert.Equal(7, ModelBundle.Open(Folder).Labels.Names.Count);

        TinyBundle.Write(_folder["bundle.a2345678.999.older"]);
        _folder.Write("bundle.my.older/notes.txt", "keep");
        TinyBundle.Write(Folder, labels: 5);
        Assert.Equal(5, ModelBundle.Open(Folder).Labels.Names.Count);
        Assert.Equal([Folder, _folder["bundle.my.older"]], Directory.GetFileSystemEntries(_folder.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_a_killed_export_left_half_written_is_removed_a_day_later()
    {
        string[] left = ["bundle.abcdefgh.1x2.partial", "bundle.a2345678.999.partial", "bundle.my.partial"];
        foreach (var name in left) _folder.Write($"{name}/model.onnx", "half");
        // The first may be what another process writes just now.
        foreach (var name in left[1..]) Directory.SetLastWriteTimeUtc(_folder[name], DateTime.UtcNow.AddHours(-25));
        TinyBundle.Write(Folder);
        Assert.Equal([Folder, _folder[left[0]], _folder[left[2]]], Directory.GetFileSystemEntries(_folder.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_bundle_that_somebody_put_beside_it_stays_whatever_it_is_called()
    {
        string[] kept = [_folder["bundle.v1.older"], _folder["bundle.2024.old.older"], _folder["bundle2.abcdefgh.1x2.older"]];
        foreach (var mine in kept) TinyBundle.Write(mine);
        Assert.DoesNotContain("older", Assert.Throws<DeviseInputException>(() => ModelBundle.Open(Folder)).Message, StringComparison.Ordinal);
        foreach (var labels in (int[])[5, 6]) TinyBundle.Write(Folder, labels);
        Assert.Equal([Folder, .. kept.Order(StringComparer.Ordinal)], Directory.GetFileSystemEntries(_folder.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_network_that_cannot_be_loaded_is_not_written_and_an_older_bundle_stays()
    {
        var older = TinyBundle.Write(Folder);
        var half = TinyBundle.Network()[..900];
        var error = Assert.Throws<DeviseInputException>(() =>
            ModelBundle.Write(Folder, half, TinyBundle.Space(), TinyBundle.Manifest(), (onnx, zip) => StockPipeline.Save(onnx, TinyBundle.Space(), TinyBundle.Size, zip)));
        Assert.Contains("ONNX Runtime cannot load it", error.Message, StringComparison.Ordinal);
        Assert.Equal(older.Manifest.Files[ModelBundle.OnnxName], ModelBundle.Open(Folder).Manifest.Files[ModelBundle.OnnxName]);
        Assert.Equal([Folder], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_network_damaged_together_with_its_checksum_is_refused()
    {
        TinyBundle.Write(Folder);
        var half = File.ReadAllBytes(Path.Combine(Folder, ModelBundle.OnnxName))[..900];
        File.WriteAllBytes(Path.Combine(Folder, ModelBundle.OnnxName), half);
        Edit(json => json["files"]![ModelBundle.OnnxName] = new JsonObject { ["bytes"] = half.Length, ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(half)) });
        Fails("model.onnx: ONNX Runtime cannot load it");
    }

    [Fact]
    public void A_folder_of_other_things_is_not_overwritten()
    {
        _folder.Write("bundle/thesis.txt", "years of work");
        Assert.Contains("not empty and not a bundle", Assert.Throws<DeviseInputException>(() => TinyBundle.Write(Folder)).Message, StringComparison.Ordinal);
        Assert.Equal("years of work", File.ReadAllText(_folder["bundle", "thesis.txt"]));
    }

    public void Dispose() => _folder.Dispose();

    private void WithTransform(LabelTransform transform) =>
        ModelBundle.Write(Folder, TinyBundle.Network(), TinyBundle.Space(), TinyBundle.Manifest(), (onnx, zip) => StockPipeline.Save(onnx, TinyBundle.Space(), TinyBundle.Size, zip), transform);

    private void Manifest(string key, object? value, string message)
    {
        TinyBundle.Write(Folder);
        Edit(json => json[key] = value is null ? null : JsonValue.Create(value));
        if (value is null) Edit(json => json.Remove(key));
        Fails(message);
    }

    private void Edit(Action<JsonObject> change)
    {
        var path = Path.Combine(Folder, ModelBundle.ManifestName);
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }

    private void Fails(string message) => Assert.Contains(message, Assert.Throws<DeviseInputException>(() => ModelBundle.Open(Folder)).Message, StringComparison.Ordinal);
}

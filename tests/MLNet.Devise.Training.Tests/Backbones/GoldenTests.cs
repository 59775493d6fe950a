using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using MLNet.Devise.Scoring;
using MLNet.Devise.Tests;
using MLNet.Devise.Training.Backbones;
using MLNet.Devise.Training.Learning;
using SkiaSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Devise.Training.Tests.Backbones;

/// <summary>
/// The pretrained network against torchvision 0.14: golden-4-photos.npz and golden-top5-imagenet-sample-1000.csv of the test data were made
/// with it (README of the test data).
/// </summary>
public sealed class GoldenTests
{
    [Fact]
    public void Logits_and_features_equal_torchvisions_on_the_same_inputs()
    {
        var golden = TestData.Require("weights", "golden-4-photos.npz");
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        var (features, classifier) = Pretrained();
        using var archive = ZipFile.OpenRead(golden);
        var photos = archive.Entries.Select(entry => entry.FullName.Split('/')[0]).Distinct().ToArray();
        Assert.Equal(4, photos.Length);
        foreach (var photo in photos)
        {
            var maps = features.call(tensor(Read(archive, $"{photo}/input.npy"), [1, 3, 224, 224]));
            Near(Read(archive, $"{photo}/pooled512.npy"), maps.mean([2, 3]), 1e-3);
            Near(Read(archive, $"{photo}/logits.npy"), classifier.call(maps), 1e-3);
        }
    }

    [Fact]
    public void Top_1_agrees_with_torchvisions_on_real_photos_through_our_own_preprocessing()
    {
        var folder = TestData.Require("photos-full");
        var golden = File.ReadLines(TestData.Require("weights", "golden-top5-imagenet-sample-1000.csv")).Skip(1)
            .Select(line => line.Split(',')).ToDictionary(row => row[0], row => int.Parse(row[2], CultureInfo.InvariantCulture));
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        var (features, classifier) = Pretrained();
        var normalize = new Normalize(Backbone.Mean, Backbone.Std);
        var (same, count) = (0, 0);
        foreach (var path in Directory.EnumerateFiles(folder).Where(path => golden.ContainsKey(Path.GetFileName(path))))
        {
            using var inner = NewDisposeScope();
            using var photo = Photo.TryDecode(path, out _, out var error);
            Assert.True(photo is not null, $"{path}: {error}");
            // As torchvision's reference: short side 256, of which the network sees the centre 224.
            using var square = AntialiasedCrop.Of(photo, 224, shortSide: 256);
            var logits = classifier.call(features.call(normalize.call(Pixels(square))));
            if (logits.argmax(1).item<long>() == golden[Path.GetFileName(path)]) same++;
            count++;
        }
        Assert.True(count >= 300, $"only {count} photos have golden answers");
        Assert.True(same >= 0.97 * count, $"top-1 agrees on {same} of {count} photos");
    }

    private static (Sequential Features, Sequential Classifier) Pretrained()
    {
        TorchNative.Ensure();
        var path = TestData.Require("weights", "squeezenet1_1.safetensors");
        var tensors = Safetensors.Read(path);
        var (features, classifier) = (SqueezeNet11.Features(), SqueezeNet11.Classifier());
        Weights.Load(features, tensors, "features.", path);
        Weights.Load(classifier, tensors, "classifier.", path);
        features.eval();
        classifier.eval();
        return (features, classifier);
    }

    private static Tensor Pixels(SKBitmap square)
    {
        var rgb = new byte[square.Width * square.Height * 3];
        PixelLayout.ToRgb(square.GetPixelSpan(), rgb);
        return tensor(rgb, [1, square.Height, square.Width, 3]).permute(0, 3, 1, 2).to(ScalarType.Float32).Over_(255);
    }

    private static float[] Read(ZipArchive archive, string name)
    {
        using var stream = archive.GetEntry(name)!.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        var bytes = memory.ToArray();
        // .npy, version 1: 10 bytes, then a text header whose length the last two give.
        return MemoryMarshal.Cast<byte, float>(bytes.AsSpan(10 + BitConverter.ToUInt16(bytes, 8))).ToArray();
    }

    private static void Near(float[] expected, Tensor actual, double tolerance)
    {
        var values = actual.contiguous().data<float>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < values.Length; i++) Assert.True(Math.Abs(expected[i] - values[i]) <= tolerance, $"value {i}: {values[i]}, expected {expected[i]}");
    }
}

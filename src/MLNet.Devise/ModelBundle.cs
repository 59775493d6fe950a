using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Labels.Files;
using MLNet.Devise.Scoring;
using MLNet.Devise.Scoring.Engine;

namespace MLNet.Devise;

/// <summary>
/// The folder that export makes of a training run and scoring opens: <c>model.onnx</c>, <c>labels.vec</c>, <c>pipeline.zip</c> (the ML.NET chain),
/// <c>label-transform.safetensors</c> where the label vectors went through one, and <c>bundle.json</c>, which names size and SHA-256 of
/// the others.
/// </summary>
public sealed partial class ModelBundle
{
    /// <summary>The network: <c>image</c> N×3×H×W in 0..1 → <c>embedding</c> N×300 of length 1.</summary>
    public const string OnnxName = "model.onnx";
    /// <summary>Label names and unit vectors, as text.</summary>
    public const string LabelsName = "labels.vec";
    /// <summary>The scoring chain as ML.NET's <c>Model.Save</c> wrote it.</summary>
    public const string PipelineName = "pipeline.zip";
    /// <summary>What the label vectors went through; absent where that is nothing.</summary>
    public const string TransformName = "label-transform.safetensors";
    /// <summary>The manifest.</summary>
    public const string ManifestName = "bundle.json";

    private const long MaxManifestBytes = 16 << 20;

    private ModelBundle(string folder, BundleManifest manifest, LabelSpace labels, LabelTransform? transform) => (Folder, Manifest, Labels, Transform) = (folder, manifest, labels, transform);

    /// <summary>The bundle's folder, absolute.</summary>
    public string Folder { get; }

    /// <summary>The contents of <c>bundle.json</c>.</summary>
    public BundleManifest Manifest { get; }

    /// <summary>Seen labels, then unseen ones, with their unit vectors.</summary>
    public LabelSpace Labels { get; }

    /// <summary>What the label vectors went through, and what others must go through to be compared; null for nothing.</summary>
    public LabelTransform? Transform { get; }

    /// <summary>Absolute path of <c>model.onnx</c>.</summary>
    public string OnnxPath => Path.Combine(Folder, OnnxName);

    /// <summary>Absolute path of <c>pipeline.zip</c>.</summary>
    public string PipelinePath => Path.Combine(Folder, PipelineName);

    /// <summary>Opens a bundle and checks all of it: format version, sizes, checksums, that the network keeps all its weights inside, labels.</summary>
    /// <exception cref="DeviseInputException">Something is missing, damaged, newer than this version, or does not fit together.</exception>
    public static ModelBundle Open(string folder)
    {
        var root = Path.GetFullPath(folder);
        var manifest = ReadManifest(folder, Path.Combine(root, ManifestName));
        foreach (var required in (string[])[OnnxName, LabelsName, PipelineName])
            if (!manifest.Files.ContainsKey(required)) throw new DeviseInputException($"{folder}: {ManifestName} does not list {required}; export the run again");
        foreach (var (name, expected) in manifest.Files) Check(folder, root, name, expected);
        NetworkFile.Read(Path.Combine(root, OnnxName));
        var labels = LabelSpace.ReadVec(Path.Combine(root, LabelsName));
        if (labels.Dimension != manifest.Dimension)
            throw new DeviseInputException($"{folder}: {LabelsName} has {labels.Dimension} values a label, {ManifestName} says {manifest.Dimension}; export the run again");
        var transform = manifest.Files.ContainsKey(TransformName) ? LabelTransformFile.Read(Path.Combine(root, TransformName)) : null;
        if (transform is not null && transform.Dimension != manifest.Dimension)
            throw new DeviseInputException($"{folder}: {TransformName} is for {transform.Dimension} values, {ManifestName} says {manifest.Dimension}; export the run again");
        return new(root, manifest, labels, transform);
    }

    /// <summary>Looks other names up in the word vectors that the model was trained with, so that they can compete with its own labels.</summary>
    /// <param name="names">Class names or phrases.</param>
    /// <param name="vecPath">The file that <see cref="BundleManifest.Vectors"/> names, or a cache made of it.</param>
    /// <returns>Their vectors after <see cref="Transform"/>.</returns>
    /// <exception cref="DeviseInputException">Names without a vector, a bad file, or vectors of another size.</exception>
    public LabelSpace FindLabels(IReadOnlyList<string> names, string vecPath)
    {
        var found = LabelSpace.FromVec(names, vecPath, Manifest.Phrases);
        return found.Dimension == Manifest.Dimension
            ? found.Through(Transform)
            : throw new DeviseInputException($"{vecPath}: {found.Dimension} values a word, the bundle has {Manifest.Dimension}; name the file it was trained with ({Manifest.Vectors})");
    }

    /// <summary>
    /// A list of labels to choose among, as an image's vector is compared with them: the bundle's own, in any spelling, and others looked up in
    /// the word vectors that the model was trained with.
    /// </summary>
    /// <param name="names">Class names or phrases, in the order wanted.</param>
    /// <param name="vecPath">As for <see cref="FindLabels"/>; null where all names are the bundle's own.</param>
    /// <exception cref="DeviseInputException">A name that is not the bundle's without word vectors, or as <see cref="FindLabels"/> says.</exception>
    public LabelSpace ChooseLabels(IReadOnlyList<string> names, string? vecPath = null)
    {
        var own = names.Select(Labels.Find).ToArray();
        string[] others = [.. names.Where((_, i) => own[i] < 0)];
        if (others.Length > 0 && vecPath is null) throw new DeviseInputException(Unknown(others[0]));
        var found = others.Length > 0 ? FindLabels(others, vecPath!) : null;
        var vectors = new float[names.Count * Manifest.Dimension];
        var (chosen, origins, next) = (new string[names.Count], new string[names.Count], 0);
        for (var i = 0; i < names.Count; i++)
        {
            var (space, label) = own[i] >= 0 ? (Labels, own[i]) : (found!, next++);
            (chosen[i], origins[i]) = (space.Names[label], space.Origins[label]);
            space.Vector(label).CopyTo(vectors.AsSpan(i * Manifest.Dimension));
        }
        return new(chosen, vectors, origins);
    }

    /// <summary>
    /// The bundle's labels and every word of a file that does not spell one of them: a whole vocabulary to choose from. A million words of
    /// 300 values take 1.4 GB.
    /// </summary>
    /// <param name="vecPath">As for <see cref="FindLabels"/>.</param>
    /// <param name="remark">Told what was left out of the file, a line each.</param>
    /// <exception cref="DeviseInputException">A bad file, vectors of another size, or more words than fit.</exception>
    public LabelSpace ReadVocabulary(string vecPath, Action<string>? remark = null) => ReadVocabulary(vecPath, remark, null, default);

    /// <summary>The same, and tells rows read and rows there are, as far as the file says; can be stopped.</summary>
    internal LabelSpace ReadVocabulary(string vecPath, Action<string>? remark, Action<long, long?>? progress, CancellationToken cancellation) => Labels.WithWords(vecPath, Transform, remark, progress, cancellation);

    /// <summary>The unit vector of words to look for: a label, other words of the word vectors, or a sum of them (<c>horse + stripes</c>).</summary>
    /// <param name="text">See <see cref="TextQuery"/>.</param>
    /// <param name="vecPath">Word vectors for words that are no labels: the file that <see cref="BundleManifest.Vectors"/> names; null where there are none.</param>
    /// <exception cref="DeviseInputException">Words without a vector, or half a sum.</exception>
    public float[] EmbedText(string text, string? vecPath = null)
    {
        var query = TextQuery.Parse(text);
        string[] others = [.. query.Terms.Select(term => term.Text).Where(words => Labels.Find(words) < 0).Distinct(StringComparer.Ordinal)];
        if (others.Length > 0 && vecPath is null)
            throw new DeviseInputException(Unknown(others[0]));
        var found = others.Length > 0 ? FindLabels(others, vecPath!) : null;
        return query.Resolve(words => (Labels.Find(words) is >= 0 and var label ? Labels.Vector(label) : found!.Vector(found.IndexOf(words))).ToArray());
    }

    private string Unknown(string name)
    {
        var near = Labels.Names.OrderBy(label => Spelling.Distance(label.Replace('+', ' '), name, 20)).Take(3);
        return $"'{name}' is not among the bundle's {Labels.Names.Count} labels (near: {string.Join(", ", near)}); for other words, name {Manifest.Vectors} with --vectors";
    }

    /// <summary>
    /// Writes a bundle whole: into a folder aside, which then takes the place of <paramref name="folder"/>.
    /// </summary>
    /// <param name="folder">Where the bundle goes; an older bundle there is replaced, any other folder is refused.</param>
    /// <param name="onnx">The network.</param>
    /// <param name="labels">Seen labels, then unseen ones.</param>
    /// <param name="manifest">All but <see cref="BundleManifest.Files"/>.</param>
    /// <param name="savePipeline">Writes the ML.NET chain: takes the network's path and the zip's.</param>
    /// <param name="transform">What the label vectors went through; null for nothing.</param>
    internal static ModelBundle Write(string folder, byte[] onnx, LabelSpace labels, BundleManifest manifest, Action<string, string> savePipeline, LabelTransform? transform = null)
    {
        CheckReplaceable(folder);
        // A separator at the end would put what lies aside into the folder that it is to replace.
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        Recover(root);
        // Not the process's number: in containers that share a folder it is the same for all of them.
        var (aside, older) = ($"{root}.{Path.GetRandomFileName()}.partial", $"{root}.{Path.GetRandomFileName()}.older");
        try
        {
            Directory.CreateDirectory(aside);
            WholeFile.Write(Path.Combine(aside, OnnxName), stream => stream.Write(onnx));
            labels.WriteVec(Path.Combine(aside, LabelsName));
            savePipeline(Path.Combine(aside, OnnxName), Path.Combine(aside, PipelineName));
            if (transform is not null) LabelTransformFile.Write(Path.Combine(aside, TransformName), transform);
            string[] written = [OnnxName, LabelsName, PipelineName, .. transform is null ? [] : (string[])[TransformName]];
            var files = written.ToDictionary(name => name, name => Describe(Path.Combine(aside, name)));
            WholeFile.WriteText(Path.Combine(aside, ManifestName), JsonSerializer.Serialize(manifest with { Files = files }, BundleManifest.Json) + "\n");
            Open(aside);
            Replace(root, aside, older);
        }
        finally
        {
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        }
        return Open(root);
    }

    /// <summary>Throws where <paramref name="folder"/> holds something that a bundle must not replace.</summary>
    internal static void CheckReplaceable(string folder)
    {
        var root = Path.GetFullPath(folder);
        if (File.Exists(root)) throw new DeviseInputException($"{folder}: a file, expected a new folder or an older bundle to replace");
        if (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any() && !File.Exists(Path.Combine(root, ManifestName)))
            throw new DeviseInputException($"{folder}: not empty and not a bundle, expected a new folder or an older bundle to replace");
    }

    /// <summary>The older bundle stays until the new one is in its place.</summary>
    private static void Replace(string root, string aside, string older)
    {
        if (!Directory.Exists(root))
        {
            Directory.Move(aside, root);
            return;
        }
        Directory.Move(root, older);
        try { Directory.Move(aside, root); }
        catch
        {
            Directory.Move(older, root);
            throw;
        }
        Directory.Delete(older, recursive: true);
    }

    /// <summary>Puts the older bundle back that an interrupted replacement has left aside; where the bundle is there, it is of no use any more, and so is what was never finished.</summary>
    private static void Recover(string root)
    {
        foreach (var older in Older(root))
            if (Directory.Exists(root)) Directory.Delete(older, recursive: true);
            else Directory.Move(older, root);
        foreach (var partial in Abandoned(root)) Directory.Delete(partial, recursive: true);
    }

    /// <summary>Bundles that a killed export has left half-written. One that was written to within a day may be another process's, which has no lock to tell by.</summary>
    private static string[] Abandoned(string root) => Directory.Exists(Path.GetDirectoryName(root))
        ? [.. Directory.EnumerateDirectories(Path.GetDirectoryName(root)!, "*.partial").Where(partial => WholeFile.IsAside(root, partial) && Directory.GetLastWriteTimeUtc(partial) < DateTime.UtcNow.AddDays(-1))]
        : [];

    /// <summary>Bundles that lie aside, the latest first. Only by names as a replacement makes them: <c>bundle.v1.older</c> is somebody's own.</summary>
    private static string[] Older(string root) => Directory.Exists(Path.GetDirectoryName(root))
        ? [.. Directory.EnumerateDirectories(Path.GetDirectoryName(root)!, "*.older").Where(older => IsAside(Path.GetFileName(root), Path.GetFileName(older)) && File.Exists(Path.Combine(older, ManifestName))).OrderByDescending(Directory.GetLastWriteTimeUtc)]
        : [];

    private static bool IsAside(string bundle, string older) => older.StartsWith(bundle, StringComparison.Ordinal) && AsideEnding().IsMatch(older[bundle.Length..]);

    [GeneratedRegex(@"\A\.[a-z0-9]{8}\.[a-z0-9]{3}\.older\z")]
    private static partial Regex AsideEnding();

    internal static BundleManifest ReadManifest(string folder, string path)
    {
        if (!File.Exists(path) && Older(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) is [var older, ..])
            throw new DeviseInputException($"{folder}: no {ManifestName} in it, but an interrupted export has left the bundle before it in {older}; rename that folder, or export again");
        if (!File.Exists(path)) throw new DeviseInputException($"{folder}: no {ManifestName} in it, expected a bundle made by 'devise export'");
        if (new FileInfo(path).Length > MaxManifestBytes) throw new DeviseInputException($"{path}: more than {MaxManifestBytes >> 20} MB, expected a small manifest");
        try
        {
            var manifest = JsonSerializer.Deserialize<BundleManifest>(File.ReadAllBytes(path), BundleManifest.Json) ?? throw new JsonException("it is 'null'");
            if (manifest.FormatVersion != BundleManifest.CurrentFormat)
                throw new DeviseInputException($"{path}: format version {manifest.FormatVersion}, this program reads {BundleManifest.CurrentFormat}; update MLNet.Devise or export the run again");
            if (manifest.ImageSize is < 16 or > 4096 || manifest.Dimension is < 1 or > FormatSniffer.MaxDimension || manifest.Seen is null || manifest.Files is null || manifest.Phrases is null)
                throw new DeviseInputException($"{path}: image size {manifest.ImageSize} or dimension {manifest.Dimension} out of range; export the run again");
            manifest.Phrases.Validate();
            if (manifest.Gamma is { } gamma && !double.IsFinite(gamma)) throw new DeviseInputException($"{path}: gamma {gamma}, expected a finite number; export the run again");
            return manifest;
        }
        catch (JsonException e) { throw new DeviseInputException($"{path}: not a bundle's manifest: {e.Message}", e); }
    }

    private static void Check(string folder, string root, string name, BundleFile expected)
    {
        if (expected is null || name != Path.GetFileName(name) || name is ".." or ".") throw new DeviseInputException($"{folder}: {ManifestName} lists '{name}', expected files of the bundle's own folder");
        var file = new FileInfo(Path.Combine(root, name));
        if (!file.Exists) throw new DeviseInputException($"{folder}: {name} is missing, {ManifestName} lists it");
        if (file.Length != expected.Bytes) throw new DeviseInputException($"{folder}: {name} has {file.Length} bytes, {ManifestName} says {expected.Bytes}: it is damaged or was changed; export the run again");
        if (Describe(file.FullName).Sha256 != expected.Sha256) throw new DeviseInputException($"{folder}: {name} does not match the SHA-256 in {ManifestName}: it is damaged or was changed; export the run again");
    }

    private static BundleFile Describe(string path)
    {
        using var stream = File.OpenRead(path);
        return new(stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}

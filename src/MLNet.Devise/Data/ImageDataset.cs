namespace MLNet.Devise.Data;

/// <summary>
/// A folder in the layout of Animals with Attributes 2: <c>JPEGImages/&lt;class&gt;/&lt;file&gt;</c>, <c>classes.txt</c>, and, where some
/// classes are held out for zero-shot, <c>trainclasses.txt</c> and <c>testclasses.txt</c>. A plain folder of class folders works too.
/// </summary>
/// <remarks>
/// The split is stratified per class and decided by a seeded hash of each file's path, so neither directory order nor the machine
/// matters. A <c>split.csv</c> (<c>path,split</c> with train, valid or test) in the folder overrides it.
/// </remarks>
public sealed class ImageDataset
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"];

    private ImageDataset(string folder, ImageDatasetOptions options, IReadOnlyList<string> seen, IReadOnlyList<string> unseen, IReadOnlyList<string> leftOut, IReadOnlyList<ImageItem> items, IReadOnlyList<string> warnings) =>
        (Folder, Options, Seen, Unseen, LeftOut, Items, Warnings) = (folder, options, seen, unseen, leftOut, items, warnings);

    /// <summary>The data folder, absolute.</summary>
    public string Folder { get; }

    /// <summary>How it was read.</summary>
    public ImageDatasetOptions Options { get; }

    /// <summary>Classes with images to train on, in the order of the class list. Their positions are the class ids of stage 1.</summary>
    public IReadOnlyList<string> Seen { get; }

    /// <summary>Classes held out for zero-shot, in the order of the class list.</summary>
    public IReadOnlyList<string> Unseen { get; }

    /// <summary>The folder's own unseen classes where a fold takes their place, else none. Their images are not among the items.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>Every image, by class (seen first), then by file name in ordinal order.</summary>
    public IReadOnlyList<ImageItem> Items { get; }

    /// <summary>What was odd but not fatal, a line each: ignored files, listed rows whose file is missing.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The items of one split.</summary>
    public IEnumerable<ImageItem> Of(Split split) => Items.Where(item => item.Split == split);

    /// <summary>Absolute path of an item's file.</summary>
    public string FullPath(ImageItem item) => Path.Combine(Folder, item.Path);

    /// <summary>Lists a data folder; no image is opened.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="options">How to split; <see langword="null"/> for the defaults.</param>
    /// <exception cref="DeviseInputException">The folder, a class list or a class's images are missing, or a list is malformed.</exception>
    public static ImageDataset Open(string folder, ImageDatasetOptions? options = null)
    {
        options ??= new ImageDatasetOptions();
        options.Validate();
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(root)) throw new DeviseInputException($"{folder}: no such data folder, expected JPEGImages/<class>/<image> in it");
        var images = Directory.Exists(Path.Combine(root, "JPEGImages")) ? "JPEGImages" : "";
        var (known, neither) = ReadClasses(root, Path.Combine(root, images));
        var (seen, unseen, leftOut) = ClassFold.Divide(known, options, folder);
        var warnings = new List<string>();
        if (neither.Count > 0) warnings.Add($"{folder}: in neither trainclasses.txt nor testclasses.txt, and left out: {string.Join(", ", neither)}");
        var listed = SplitFile.TryRead(Path.Combine(root, SplitFile.Name));

        var items = new List<ImageItem>();
        foreach (var label in seen.Concat(unseen))
        {
            var paths = ImagesOf(root, images, label, warnings);
            var held = unseen.Contains(label);
            var valid = held || listed is not null ? [] : SplitRule.Valid(paths, options);
            foreach (var path in paths)
            {
                if (listed is null) items.Add(new(path, label, held ? Split.Test : valid.Contains(path) ? Split.Valid : Split.Train));
                else if (!listed.Remove(path, out var split)) warnings.Add($"{SplitFile.Name}: {path} is not listed and is left out");
                else if (options.Fold is null) items.Add(new(path, label, SplitFile.Check(root, path, label, split, held)));
                else if (split != Split.Test) items.Add(new(path, label, held ? Split.Test : split));
            }
        }
        if (listed is not null)
        {
            bool IsLeftOut(string path) => leftOut.Concat(neither).Any(label => path.StartsWith($"{images}/{label}/".TrimStart('/'), StringComparison.Ordinal));
            warnings.AddRange(listed.Keys.Where(path => !IsLeftOut(path)).Order(StringComparer.Ordinal).Select(path => $"{SplitFile.Name}: {path} is listed but not in the folder"));
        }
        if (!items.Exists(item => item.Split == Split.Train)) throw new DeviseInputException($"{folder}: no image to train on");
        return new(root, options, seen, unseen, leftOut, items, warnings);
    }

    /// <summary>Endings of the files that count as images, for messages.</summary>
    internal static string Endings => string.Join(' ', Extensions);

    /// <summary>Whether a file counts as an image by its name.</summary>
    internal static bool HasImageEnding(ReadOnlySpan<char> name)
    {
        var ending = Path.GetExtension(name);
        foreach (var extension in Extensions)
            if (ending.Equals(extension, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>Classes by the lists, and those that are in no list of them although there are some.</summary>
    private static ((IReadOnlyList<string> Seen, IReadOnlyList<string> Unseen) Known, IReadOnlyList<string> Neither) ReadClasses(string root, string images)
    {
        string File(string name) => Path.Combine(root, name);
        if (!System.IO.File.Exists(File("classes.txt")))
        {
            if (!Directory.Exists(images)) throw new DeviseInputException($"{root}: neither classes.txt nor class folders, expected JPEGImages/<class>/<image>");
            var folders = Directory.EnumerateDirectories(images).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray();
            return folders.Length > 0 ? Divide(folders) : throw new DeviseInputException($"{images}: no class folder in it, expected <class>/<image>");
        }
        return Divide(ClassList.Read(File("classes.txt")));

        ((IReadOnlyList<string>, IReadOnlyList<string>), IReadOnlyList<string>) Divide(IReadOnlyList<string> all)
        {
            var test = System.IO.File.Exists(File("testclasses.txt")) ? ClassList.Read(File("testclasses.txt")) : [];
            var train = System.IO.File.Exists(File("trainclasses.txt")) ? ClassList.Read(File("trainclasses.txt")) : [.. all.Except(test)];
            var stray = train.Concat(test).Except(all).ToArray();
            if (stray.Length > 0) throw new DeviseInputException($"{root}: {string.Join(", ", stray)} in trainclasses.txt or testclasses.txt but not among the {all.Count} classes");
            var both = train.Intersect(test).ToArray();
            if (both.Length > 0) throw new DeviseInputException($"{root}: {string.Join(", ", both)} in both trainclasses.txt and testclasses.txt, expected one of them");
            if (train.Count == 0) throw new DeviseInputException($"{root}: no class to train on");
            return (([.. all.Where(train.Contains)], [.. all.Where(test.Contains)]), [.. all.Except(train).Except(test)]);
        }
    }

    private static List<string> ImagesOf(string root, string images, string label, List<string> warnings)
    {
        var folder = Path.Combine(root, images, label);
        if (!Directory.Exists(folder)) throw new DeviseInputException($"{folder}: no such folder, but the class lists name '{label}'");
        var names = Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray();
        var kept = names.Where(name => HasImageEnding(name)).ToArray();
        if (kept.Length < names.Length) warnings.Add($"{folder}: {names.Length - kept.Length} files are not images by their name and are ignored");
        if (kept.Length == 0) throw new DeviseInputException($"{folder}: class '{label}' is empty, expected at least one image ({Endings}); add images or take it off the class lists");
        return [.. kept.Select(name => images.Length > 0 ? $"{images}/{label}/{name}" : $"{label}/{name}")];
    }
}

using MLNet.Devise.Data;

namespace MLNet.Devise.Tests.Data;

public sealed class ImageDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Classes_follow_the_lists_and_unseen_ones_are_for_test_only()
    {
        Fill("cat", 20);
        Fill("dog", 20);
        Fill("giant+panda", 5);
        _folder.Write("classes.txt", "    1\tdog\n    2\tgiant+panda\n    3\tcat\n");
        _folder.Write("trainclasses.txt", "cat\ndog\n");
        _folder.Write("testclasses.txt", "giant+panda\n");
        var data = ImageDataset.Open(_folder.Path);
        Assert.Equal(["dog", "cat"], data.Seen);
        Assert.Equal(["giant+panda"], data.Unseen);
        Assert.Equal((36, 4, 5), (data.Of(Split.Train).Count(), data.Of(Split.Valid).Count(), data.Of(Split.Test).Count()));
        Assert.All(data.Of(Split.Test), item => Assert.Equal("giant+panda", item.Label));
        Assert.All(data.Items, item => Assert.True(File.Exists(data.FullPath(item))));
    }

    [Fact]
    public void A_plain_folder_of_class_folders_will_do()
    {
        _folder.Write("b/1.png", "");
        _folder.Write("b/2.PNG", "");
        _folder.Write("a/1.jpeg", "");
        _folder.Write("a/notes.txt", "");
        var data = ImageDataset.Open(_folder.Path);
        Assert.Equal(["a", "b"], data.Seen);
        Assert.Equal(["a/1.jpeg", "b/1.png", "b/2.PNG"], data.Items.Select(item => item.Path));
        Assert.Contains("1 files are not images", Assert.Single(data.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void The_split_is_stratified_seeded_and_the_same_whatever_the_folders_order_or_place()
    {
        foreach (var (name, count) in (IEnumerable<(string, int)>)[("a", 100), ("b", 33), ("c", 4), ("d", 1)]) Fill(name, count);
        var first = Valid(_folder.Path, 1);
        Assert.Equal([10, 3, 1, 0], ((string[])["a", "b", "c", "d"]).Select(name => first.Count(path => path.StartsWith($"JPEGImages/{name}/", StringComparison.Ordinal))));
        Assert.Equal(first, Valid(_folder.Path, 1));
        Assert.NotEqual(first, Valid(_folder.Path, 2));
        using var elsewhere = new TemporaryFolder();
        foreach (var path in Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Reverse())
            elsewhere.Write(Path.GetRelativePath(_folder.Path, path), "");
        Assert.Equal(first, Valid(elsewhere.Path, 1));
    }

    [Fact]
    public void The_split_is_the_same_in_every_version()
    {
        Fill("a", 10);
        // An approved value: changing it would move images between training and validation of everyone's data.
        Assert.Equal(["JPEGImages/a/a_10007.jpg"], Valid(_folder.Path, 0));
    }

    [Fact]
    public void A_file_that_comes_or_goes_moves_at_most_one_other()
    {
        Fill("a", 200);
        var before = Valid(_folder.Path, 3);
        File.Delete(_folder["JPEGImages", "a", "a_10100.jpg"]);
        Assert.InRange(before.Except(Valid(_folder.Path, 3)).Count(), 0, 1);
    }

    [Fact]
    public void A_split_file_overrides_the_rule()
    {
        Fill("a", 4);
        Fill("z", 1);
        _folder.Write("classes.txt", "a\nz\n");
        _folder.Write("testclasses.txt", "z\n");
        _folder.Write("split.csv", "path,split\nJPEGImages/a/a_10001.jpg,test\nJPEGImages/a/a_10002.jpg,train\nJPEGImages/a/a_10003.jpg,valid\nJPEGImages/a/gone.jpg,train\nJPEGImages/z/z_10001.jpg,test\n");
        var data = ImageDataset.Open(_folder.Path);
        Assert.Equal([Split.Test, Split.Train, Split.Valid, Split.Test], data.Items.Select(item => item.Split));
        Assert.Equal(["split.csv: JPEGImages/a/a_10004.jpg is not listed and is left out", "split.csv: JPEGImages/a/gone.jpg is listed but not in the folder"], data.Warnings);
    }

    [Fact]
    public void Classes_that_no_list_takes_are_named_once_and_left_out()
    {
        foreach (var label in "abcd") Fill($"{label}", 2);
        _folder.Write("trainclasses.txt", "a\n");
        _folder.Write("testclasses.txt", "d\n");
        const string Warning = ": in neither trainclasses.txt nor testclasses.txt, and left out: b, c";
        Assert.Equal([_folder.Path + Warning], ImageDataset.Open(_folder.Path).Warnings);
        _folder.Write("split.csv", "path,split\n" + string.Concat("abcd".SelectMany(label => Enumerable.Range(1, 2).Select(i => $"JPEGImages/{label}/{label}_{10000 + i}.jpg,{(label == 'd' ? "test" : "train")}\n"))));
        var data = ImageDataset.Open(_folder.Path);
        Assert.Equal([_folder.Path + Warning], data.Warnings);
        Assert.Equal((2, 2), (data.Of(Split.Train).Count(), data.Of(Split.Test).Count()));
        File.Delete(_folder["trainclasses.txt"]);
        Assert.Empty(ImageDataset.Open(_folder.Path).Warnings);
    }

    [Theory]
    [InlineData("file,split\n", ":1: 'file,split', expected the header 'path,split'")]
    [InlineData("path,split\nx,training\n", ":2: 'x,training', expected")]
    [InlineData("path,split\nx,7\n", ":2: 'x,7', expected")]
    [InlineData("path,split\nx,train\nx,valid\n", ":3: x is listed twice")]
    [InlineData("path,split\nJPEGImages/z/z_10001.jpg,train\n", "'z' is in testclasses.txt, expected test")]
    public void A_bad_split_file_is_named_by_line(string text, string expected)
    {
        Fill("a", 2);
        Fill("z", 1);
        _folder.Write("classes.txt", "a\nz\n");
        _folder.Write("testclasses.txt", "z\n");
        _folder.Write("split.csv", text);
        Assert.Contains(expected, Assert.Throws<DeviseInputException>(() => ImageDataset.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\nb\n", "", "", "no such folder, but the class lists name 'b'")]
    [InlineData("a\n", "c\n", "", "c in trainclasses.txt or testclasses.txt but not among the 1 classes")]
    [InlineData("a\n", "a\n", "a\n", "a in both trainclasses.txt and testclasses.txt")]
    [InlineData("a\na\n", "", "", "classes.txt:2: class 'a' is listed twice")]
    [InlineData("1 a b\n", "", "", "classes.txt:1: '1 a b', expected a class name or 'id<TAB>name'")]
    [InlineData("../a\n", "", "", "'../a' cannot be a class")]
    [InlineData("..\n", "", "", "'..' cannot be a class")]
    [InlineData("\n", "", "", "classes.txt: no class in it")]
    [InlineData("a\n", "", "a\n", "no class to train on")]
    public void Class_lists_that_contradict_the_folder_or_themselves(string classes, string train, string test, string expected)
    {
        Fill("a", 2);
        _folder.Write("classes.txt", classes);
        if (train.Length > 0) _folder.Write("trainclasses.txt", train);
        if (test.Length > 0) _folder.Write("testclasses.txt", test);
        Assert.Contains(expected, Assert.Throws<DeviseInputException>(() => ImageDataset.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_reference_split_of_real_photos_is_taken_as_it_stands()
    {
        var data = ImageDataset.Open(TestData.Require("mini-awa2"));
        Assert.Equal((23, 7), (data.Seen.Count, data.Unseen.Count));
        Assert.Equal((2683, 293, 990), (data.Of(Split.Train).Count(), data.Of(Split.Valid).Count(), data.Of(Split.Test).Count()));
        Assert.Empty(data.Warnings);
    }

    [Theory]
    [InlineData(0, "a e", "b c d f"), InlineData(1, "b f", "a c d e"), InlineData(3, "d", "a b c e f")]
    public void In_a_fold_some_seen_classes_play_the_unseen_ones_and_these_are_left_out(int fold, string unseen, string seen)
    {
        Six();
        var (data, plain) = (ImageDataset.Open(_folder.Path, new() { Fold = fold, Folds = 4, Seed = 5 }), ImageDataset.Open(_folder.Path, new() { Seed = 5 }));
        Assert.Equal(seen.Split(' '), data.Seen);
        Assert.Equal(unseen.Split(' '), data.Unseen);
        Assert.Equal(["x", "y"], data.LeftOut);
        Assert.Empty(plain.LeftOut);
        Assert.All(data.Items, item => Assert.Equal(data.Unseen.Contains(item.Label), item.Split == Split.Test));
        Assert.Equal(60, data.Items.Count);
        // What stays seen is split as without a fold.
        Assert.Equal(plain.Items.Where(item => data.Seen.Contains(item.Label)), data.Items.Where(item => data.Seen.Contains(item.Label)));
    }

    [Fact]
    public void Every_seen_class_is_unseen_in_just_one_fold()
    {
        Six();
        Assert.Equal(["a", "b", "c", "d", "e", "f"], Enumerable.Range(0, 3).SelectMany(fold => ImageDataset.Open(_folder.Path, new() { Fold = fold, Folds = 3 }).Unseen).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_fold_of_listed_images_looks_at_none_that_is_set_aside_for_test()
    {
        Six();
        _folder.Write("split.csv", "path,split\n" + string.Concat("abcdefxy".SelectMany(label => Enumerable.Range(1, 10).Select(i =>
            $"JPEGImages/{label}/{label}_{10000 + i}.jpg,{(label >= 'x' || i == 1 ? "test" : i == 2 ? "valid" : "train")}\n"))));
        var data = ImageDataset.Open(_folder.Path, new() { Fold = 0, Folds = 4 });
        Assert.Empty(data.Warnings);
        Assert.Equal((32, 4, 18), (data.Of(Split.Train).Count(), data.Of(Split.Valid).Count(), data.Of(Split.Test).Count()));
        Assert.All(data.Of(Split.Test), item => Assert.Contains(item.Label, data.Unseen));
        Assert.DoesNotContain(data.Items, item => item.Path.EndsWith("_10001.jpg", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(4, 4, "fold: 4 of 4, expected 0..3"), InlineData(-1, 4, "fold: -1"), InlineData(0, 1, "folds: 1, expected 2..100")]
    [InlineData(7, 9, "fold 7 of 9 takes 0 of the 6 seen classes, expected some")]
    public void A_fold_that_cannot_be_is_named(int fold, int folds, string expected)
    {
        Six();
        Assert.Contains(expected, Assert.Throws<DeviseInputException>(() => ImageDataset.Open(_folder.Path, new() { Fold = fold, Folds = folds })).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Six seen classes and two unseen ones of ten images each.</summary>
    private void Six()
    {
        foreach (var label in "abcdefxy") Fill($"{label}", 10);
        _folder.Write("testclasses.txt", "x\ny\n");
    }

    private void Fill(string label, int count)
    {
        for (var i = 1; i <= count; i++) _folder.Write($"JPEGImages/{label}/{label}_{10000 + i}.jpg", "");
    }

    private static string[] Valid(string folder, long seed) => [.. ImageDataset.Open(folder, new() { Seed = seed }).Of(Split.Valid).Select(item => item.Path)];
}

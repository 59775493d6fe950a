using System.Globalization;
using MLNet.Devise.Tests;
using MLNet.Devise.Tests.Scoring;

namespace MLNet.Devise.Cli.Tests;

/// <summary>A bundle that scores in no time, and lists of many rows over a few small images.</summary>
internal sealed class Batch : IDisposable
{
    private const int Images = 40;

    private readonly TemporaryFolder _folder = new();

    public Batch()
    {
        Bundle = TinyBundle.Write(_folder["bundle"]).Folder;
        for (var i = 0; i < Images; i++) Pictures.Save(_folder["images", $"{i}.png"], 24, 20, i);
        _folder.Write("images/text.jpg", "no image");
        _folder.Write("images/empty.png", "");
    }

    public string Bundle { get; }

    public string this[params string[] names] => _folder[names];

    /// <summary>A list of images with a number each; every 100th row is a file that is not there, damaged or no image.</summary>
    public string List(int rows)
    {
        string[] bad = ["gone.png", "text.jpg", "empty.png"];
        return _folder.Write($"images/list{rows}.csv", "Path,Number\n" + string.Concat(Enumerable.Range(0, rows)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"{(i % 100 == 50 ? bad[i / 100 % 3] : $"{i % Images}.png")},{i}\n"))));
    }

    public void Dispose() => _folder.Dispose();
}

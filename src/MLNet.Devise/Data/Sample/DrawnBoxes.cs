using System.Globalization;
using SkiaSharp;

namespace MLNet.Devise.Data.Sample;

/// <summary>Where the object is in each picture of a drawn sample: <c>drawn.csv</c>.</summary>
internal static class DrawnBoxes
{
    /// <summary>The pictures, relative to the folder, with the box of the object in pixels.</summary>
    public static IEnumerable<(string Path, SKRectI Box)> Read(string folder)
    {
        foreach (var line in File.ReadLines(Path.Combine(folder, SampleFolder.Boxes)).Skip(1))
        {
            var fields = line.Split(',');
            int At(int field) => int.Parse(fields[field], CultureInfo.InvariantCulture);
            yield return (fields[0], SKRectI.Create(At(1), At(2), At(3), At(4)));
        }
    }
}

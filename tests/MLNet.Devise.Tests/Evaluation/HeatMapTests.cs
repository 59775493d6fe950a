using MLNet.Devise.Evaluation;
using MLNet.Devise.Reports.Pages;
using SkiaSharp;

namespace MLNet.Devise.Tests.Evaluation;

public sealed class HeatMapTests
{
    [Fact]
    public void A_resized_map_has_its_cells_values_in_their_middles_and_lines_between()
    {
        var map = new HeatMap(1, 2, 2, [0, 4, 0, 2]);
        var resized = map.Resized(8, 4);
        Assert.Equal(1, resized[7]);
        Assert.Equal(0, resized[0]);
        Assert.Equal(0.5f, resized[3 * 8 + 7]);
        for (var y = 0; y < 4; y++)
            for (var x = 1; x < 8; x++) Assert.True(resized[y * 8 + x] >= resized[y * 8 + x - 1]);
        Assert.Equal([0, 1, 0, 0.5f], map.Resized(2, 2));
    }

    [Fact]
    public void A_map_without_heat_stays_cold() => Assert.All(new HeatMap(0, 2, 2, [0, 0, 0, 0]).Resized(4, 4), value => Assert.Equal(0, value));

    [Fact]
    public void The_overlay_grows_lighter_with_the_heat()
    {
        using var grey = new SKBitmap(40, 10);
        grey.Erase(new SKColor(90, 90, 90));
        using var overlay = HeatOverlay.Of(grey, new(1, 4, 1, [0, 1, 2, 3]));
        var light = Enumerable.Range(0, 40).Select(x => overlay.GetPixel(x, 5)).Select(p => 0.2126 * p.Red + 0.7152 * p.Green + 0.0722 * p.Blue).ToArray();
        Assert.All(light.Zip(light.Skip(1)), pair => Assert.True(pair.Second >= pair.First - 1));
        Assert.True(light[^1] > 2 * light[0]);
    }
}

using System.Globalization;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace MLNet.Devise.Browser.Tests;

/// <summary>The report as readers meet it: in a browser, with a mouse, with a keyboard alone, on a phone, in the dark.</summary>
public sealed class ReportPageTests(Browser browser) : IClassFixture<Browser>
{
    [Theory]
    [InlineData(ColorScheme.Light), InlineData(ColorScheme.Dark)]
    public async Task Nothing_is_complained_of_and_nothing_is_loaded(ColorScheme scheme)
    {
        await using var open = await browser.Open(scheme);
        await Everything(open.Page);
        Assert.Empty(open.Complaints);
        Assert.Equal([new Uri(browser.Report.Path).AbsoluteUri], open.Requests);
        Assert.True(await open.Page.EvaluateAsync<bool>("[...document.images].every(image => !image.hasAttribute('src') || image.complete && image.naturalWidth > 0)"));
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280), InlineData(ColorScheme.Dark, 1280), InlineData(ColorScheme.Light, 1600), InlineData(ColorScheme.Dark, 360)]
    public async Task Axe_finds_nothing(ColorScheme scheme, int width)
    {
        await using var open = await browser.Open(scheme, width);
        await Everything(open.Page);
        var found = await open.Page.RunAxe();
        Assert.NotEmpty(found.Passes);
        Assert.Empty(found.Violations.Select(violation => $"{violation.Impact} {violation.Id}: {violation.Help} {string.Join(" ", violation.Nodes.Take(3).Select(node => node.Html))}"));
    }

    [Theory]
    [InlineData(320), InlineData(360), InlineData(768), InlineData(1280), InlineData(1600)]
    public async Task The_page_never_scrolls_sideways(int width)
    {
        await using var open = await browser.Open(width: width);
        var wide = await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth");
        Assert.True(wide <= width, $"{wide} pixels wide in a window of {width}");
    }

    [Fact]
    public async Task The_class_table_sorts_by_mouse_and_by_keyboard()
    {
        await using var open = await browser.Open();
        var table = open.Page.Locator("table.sortable");
        async Task<string[]> Column(int n) => [.. await table.Locator($"tbody tr > :nth-child({n})").AllTextContentsAsync()];
        var head = table.Locator("th:nth-child(3)");
        await head.GetByRole(AriaRole.Button).ClickAsync();
        int[] photos = [.. (await Column(3)).Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        Assert.Equal(photos.OrderDescending(), photos);
        Assert.True(photos.Distinct().Count() > 1);
        Assert.Equal("descending", await head.GetAttributeAsync("aria-sort"));

        await head.GetByRole(AriaRole.Button).PressAsync("Enter");
        Assert.Equal(photos.Order(), (await Column(3)).Select(text => int.Parse(text, CultureInfo.InvariantCulture)));
        Assert.Equal("ascending", await head.GetAttributeAsync("aria-sort"));

        await table.Locator("th:nth-child(1)").GetByRole(AriaRole.Button).First.ClickAsync();
        var names = await Column(1);
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Null(await head.GetAttributeAsync("aria-sort"));
    }

    [Fact]
    public async Task Pictures_open_large_and_close_where_they_were()
    {
        await using var open = await browser.Open();
        foreach (var picture in (string[])["#galleries .zoom", "#losses .look:nth-child(2) .zoom", "#figures .zoom"])
        {
            var button = open.Page.Locator(picture).First;
            var small = await button.Locator("img").EvaluateAsync<string>("async image => { image.loading = 'eager'; await image.decode(); return image.currentSrc; }");
            await button.PressAsync("Enter");
            var large = open.Page.Locator("dialog img");
            await Assertions.Expect(large).ToBeVisibleAsync();
            Assert.Equal(small, await large.GetAttributeAsync("src"));
            Assert.True((await large.GetAttributeAsync("alt"))!.Length > 4);
            var (before, after) = (await button.Locator("img").BoundingBoxAsync(), await large.BoundingBoxAsync());
            Assert.True(after!.Width > 1.2 * before!.Width, $"{picture}: {after.Width} large, {before.Width} small");
            await open.Page.Keyboard.PressAsync("Escape");
            await Assertions.Expect(large).ToBeHiddenAsync();
            Assert.True(await button.EvaluateAsync<bool>("button => document.activeElement === button"));
        }
    }

    [Fact]
    public async Task The_map_shows_the_photo_under_the_pointer()
    {
        await using var open = await browser.Open();
        var (canvas, details) = (open.Page.Locator("[data-source=map-photos-data] canvas"), open.Page.Locator("#map-photos-details"));
        await canvas.ScrollIntoViewIfNeededAsync();
        await Assertions.Expect(details.Locator("img")).ToHaveCountAsync(0);
        var found = new HashSet<string>();
        var box = (await canvas.BoundingBoxAsync())!;
        for (var x = 0.02f; x < 1; x += 0.04f)
            for (var y = 0.05f; y < 1; y += 0.1f)
            {
                await open.Page.Mouse.MoveAsync(box.X + x * box.Width, box.Y + y * box.Height);
                if (await details.Locator(".path").CountAsync() > 0) found.Add(await details.Locator(".path").TextContentAsync() ?? "");
            }
        Assert.True(found.Count > 5, $"{found.Count} photos found");
        await Assertions.Expect(details.Locator("img")).ToBeVisibleAsync();
        await Assertions.Expect(details.Locator("ol li")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task The_map_is_walked_by_keyboard_and_filtered_by_class()
    {
        await using var open = await browser.Open();
        var map = open.Page.Locator("[data-source=map-photos-data]");
        var (canvas, path) = (map.Locator("canvas"), map.Locator(".path"));
        await canvas.FocusAsync();
        var seen = new List<string> { (await path.TextContentAsync())! };
        foreach (var key in (string[])["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"])
        {
            await open.Page.Keyboard.PressAsync(key);
            seen.Add((await path.TextContentAsync())!);
        }
        Assert.True(seen.Distinct().Count() >= 3, string.Join(" ", seen));
        await open.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(open.Page.Locator("dialog img")).ToBeVisibleAsync();
        await open.Page.Keyboard.PressAsync("Escape");

        await map.Locator("select").SelectOptionAsync(new SelectOptionValue { Label = "class 1" });
        await canvas.FocusAsync();
        for (var i = 0; i < 6; i++)
        {
            await open.Page.Keyboard.PressAsync(i % 2 == 0 ? "ArrowRight" : "ArrowUp");
            if (i > 0) Assert.StartsWith("class+1/", await path.TextContentAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_epochs_are_played_and_drawn()
    {
        await using var open = await browser.Open();
        var map = open.Page.Locator("[data-source=map-epochs-data]");
        Assert.Equal("epoch 3", await map.Locator("output").TextContentAsync());
        var last = await Pixels(map);
        await map.Locator("input[type=range]").FillAsync("0");
        Assert.Equal("epoch 1", await map.Locator("output").TextContentAsync());
        Assert.NotEqual(last, await Pixels(map));
        await map.GetByRole(AriaRole.Button, new() { Name = "Play all epochs" }).ClickAsync();
        await Assertions.Expect(map.Locator("output")).ToHaveTextAsync("epoch 3");
        Assert.Equal(last, await Pixels(map));

        static Task<string> Pixels(ILocator map) => map.Locator("canvas").EvaluateAsync<string>("canvas => canvas.toDataURL()");
    }

    [Fact]
    public async Task Without_script_everything_but_the_maps_is_there()
    {
        await using var open = await browser.Open(script: false);
        await Assertions.Expect(open.Page.Locator(".map").First).ToBeHiddenAsync();
        await Assertions.Expect(open.Page.Locator("#confusion, img.confusion")).ToBeVisibleAsync();
        await Assertions.Expect(open.Page.Locator("table.sortable tbody tr")).ToHaveCountAsync(9);
    }

    [Fact]
    public async Task Figures_turn_dark_with_the_page()
    {
        await using var light = await browser.Open(ColorScheme.Light);
        await using var dark = await browser.Open(ColorScheme.Dark);
        static Task<string> Source(OpenPage open) => open.Page.Locator("img.confusion").EvaluateAsync<string>("image => image.currentSrc");
        Assert.NotEqual(await Source(light), await Source(dark));
    }

    /// <summary>Scrolls through the page, so that lazy pictures load, and opens what is folded.</summary>
    private static async Task Everything(IPage page)
    {
        await page.EvaluateAsync("""
            async () => {
              for (const details of document.querySelectorAll('details')) details.open = true;
              for (const image of document.images) image.loading = 'eager';
              await Promise.all([...document.images].filter(image => image.hasAttribute('src')).map(image => image.decode()));
            }
            """);
    }
}

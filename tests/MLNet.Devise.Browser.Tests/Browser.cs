using Microsoft.Playwright;

namespace MLNet.Devise.Browser.Tests;

/// <summary>The machine's own Chromium, without a window. Tests skip, and say so, where there is none.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string? Executable = Find();

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public DrawnReport Report { get; } = new();

    public async ValueTask InitializeAsync()
    {
        if (Executable is null) return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Executable, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        Report.Dispose();
    }

    /// <summary>The report in a new window, with what the window complained about and asked for.</summary>
    public async Task<OpenPage> Open(ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 900, bool script = true)
    {
        Assert.SkipUnless(_browser is not null, "no Chromium: install the package chromium, or name one in DEVISE_CHROMIUM");
        var context = await _browser!.NewContextAsync(new() { ColorScheme = scheme, JavaScriptEnabled = script, ViewportSize = new() { Width = width, Height = height } });
        var page = await context.NewPageAsync();
        var open = new OpenPage(page);
        page.Console += (_, message) => { if (message.Type is "error" or "warning") open.Complaints.Add(message.Text); };
        page.PageError += (_, error) => open.Complaints.Add(error);
        page.Request += (_, request) => { if (!request.Url.StartsWith("data:", StringComparison.Ordinal)) open.Requests.Add(request.Url); };
        await page.GotoAsync(new Uri(Report.Path).AbsoluteUri);
        return open;
    }

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("DEVISE_CHROMIUM") is { Length: > 0 } named ? [named] : Candidates()).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Candidates() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).SelectMany(folder => ((string[])["chromium", "chromium-browser", "google-chrome", "chrome.exe"]).Select(name => Path.Combine(folder, name)))
        .Append("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome").Append(@"C:\Program Files\Google\Chrome\Application\chrome.exe");
}

/// <summary>A page that is open.</summary>
public sealed record OpenPage(IPage Page) : IAsyncDisposable
{
    /// <summary>Errors and warnings of the console.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Everything loaded that is not part of the page.</summary>
    public List<string> Requests { get; } = [];

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}

using System.Globalization;
using System.Web;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Cli;

/// <summary>What stands after the '?' of a store's address: known keys, each once.</summary>
internal sealed class StoreKeys
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private StoreKeys() { }

    /// <exception cref="DeviseInputException">A key is unknown, or comes twice: the search would be in another place than was meant.</exception>
    public static StoreKeys Read(string query, params string[] known)
    {
        var keys = new StoreKeys();
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = pair.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? (pair[..at], HttpUtility.UrlDecode(pair[(at + 1)..])) : (pair, "");
            if (!known.Contains(key, StringComparer.Ordinal))
            {
                var near = known.MinBy(name => Spelling.Distance(name, key, 3))!;
                throw new DeviseInputException($"unknown key '{key}' in the store's address{(Spelling.Distance(near, key, 3) <= 3 ? $", did you mean '{near}'?" : ",")} expected one of {string.Join(", ", known)}");
            }
            if (value.Length == 0) throw new DeviseInputException($"key '{key}' in the store's address has no value, expected {key}=…");
            if (!keys._values.TryAdd(key, value)) throw new DeviseInputException($"key '{key}' stands twice in the store's address, expected once");
        }
        return keys;
    }

    public string? Text(string key) => _values.GetValueOrDefault(key);

    public int? Number(string key) => Text(key) is not { } text ? null
        : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : throw new DeviseInputException($"{key} '{text}' in the store's address: expected a number");
}

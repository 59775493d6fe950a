using System.Globalization;
using System.Text.RegularExpressions;
using MLNet.Devise.Stores;
using Npgsql;
using StackExchange.Redis;

namespace MLNet.Devise.Cli;

/// <summary>
/// Where a store is: <c>postgres://user:password@host:5432/database?table=photos</c>, <c>garnet://:password@host:6379,host:6379?name=photos&amp;shards=32</c>,
/// or <c>env:NAME</c>, a variable that holds one of them. Never shown, for there may be a password in it.
/// </summary>
internal static partial class StoreAddress
{
    private const string Expected = "expected postgres://user@host/database?table=NAME, garnet://host:port,host:port?name=NAME, or env:NAME of a variable that holds one";

    public static bool Is(string text) => text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal)
        || text.StartsWith("garnet://", StringComparison.Ordinal) || text.StartsWith("env:", StringComparison.Ordinal);

    /// <summary>The store at an address; only Garnet is connected to yet.</summary>
    /// <param name="text">The address.</param>
    /// <param name="dimension">Values a vector.</param>
    /// <param name="partial">Told when part of a Garnet cluster does not answer; null: that is an error.</param>
    public static async Task<ImageStore> OpenAsync(string text, int dimension, Action<PartialAnswerException>? partial = null)
    {
        if (text.StartsWith("env:", StringComparison.Ordinal))
            text = Environment.GetEnvironmentVariable(text[4..]) is { Length: > 0 } held ? held : throw new DeviseInputException($"{text}: no such variable, {Expected}");
        var (scheme, rest) = Split(text, "://");
        var (place, query) = Split(rest, "?");
        // The rest of a password is never repeated as if it were a key.
        if (query.Contains('@', StringComparison.Ordinal)) throw new DeviseInputException($"the store's address has '@' after '?': in a password write %3F for '?' and %40 for '@'; {Expected}");
        if (scheme == "garnet")
        {
            var asked = StoreKeys.Read(query, "name", "shards", "ef");
            var options = new GarnetOptions { OnPartial = partial };
            return await GarnetStore.ConnectAsync(Cluster(place), dimension, options with { Name = asked.Text("name") ?? options.Name, Shards = asked.Number("shards"), EfSearch = asked.Number("ef") ?? options.EfSearch }).ConfigureAwait(false);
        }
        if (scheme is not ("postgres" or "postgresql") || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.AbsolutePath.Length < 2) throw new DeviseInputException($"the store's address is not as expected: {Expected}");
        var keys = StoreKeys.Read(query, "table", "ef", "copy", "sslmode");
        var (account, secret) = Split(uri.UserInfo, ":");
        var connection = new NpgsqlConnectionStringBuilder { Host = uri.Host, Port = uri.Port > 0 ? uri.Port : 5432, Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]) };
        if (account.Length > 0) connection.Username = Uri.UnescapeDataString(account);
        if (secret.Length > 0) connection.Password = Uri.UnescapeDataString(secret);
        if (keys.Text("sslmode") is { } ssl) connection.SslMode = Enum.TryParse<SslMode>(ssl.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode) ? mode : throw new DeviseInputException($"sslmode '{ssl}': expected disable, prefer, require, verify-ca or verify-full");
        var table = new PgvectorOptions();
        if (keys.Text("copy") is not (null or "on" or "off") and var copy) throw new DeviseInputException($"copy '{copy}' in the store's address: expected on or off");
        return new PgvectorStore(connection.ConnectionString, dimension, table with { Table = keys.Text("table") ?? table.Table, EfSearch = keys.Number("ef") ?? table.EfSearch, Copy = keys.Text("copy") != "off" });
    }

    /// <summary>Nodes, user and password. Not pasted together as text, in which a password's comma would begin another key.</summary>
    private static ConfigurationOptions Cluster(string place)
    {
        var (user, nodes) = place.LastIndexOf('@') is >= 0 and var at ? (place[..at], place[(at + 1)..]) : ("", place);
        var (name, password) = Split(user, ":");
        var configuration = new ConfigurationOptions { User = name.Length > 0 ? Uri.UnescapeDataString(name) : null, Password = password.Length > 0 ? Uri.UnescapeDataString(password) : null };
        foreach (var node in nodes.TrimEnd('/').Split(','))
        {
            var match = Node().Match(node);
            var port = match.Groups["port"] is { Success: true, ValueSpan: var digits } ? int.Parse(digits, CultureInfo.InvariantCulture) : GarnetPort;
            if (!match.Success || port is < 1 or > ushort.MaxValue)
                throw new DeviseInputException($"the store's address: its nodes are not as expected, host or host:port, with commas between them; {Expected}");
            configuration.EndPoints.Add(match.Groups["host"].Value.Trim('[', ']'), port);
        }
        return configuration;
    }

    private static (string Before, string After) Split(string text, string mark) => text.IndexOf(mark, StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[(at + mark.Length)..]) : (text, "");

    private const int GarnetPort = 6379;

    [GeneratedRegex(@"^(?<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:(?<port>[0-9]{1,5}))?$")]
    private static partial Regex Node();
}

using System.Web;
using MLNet.Devise.Stores;
using Npgsql;

namespace MLNet.Devise.Cli;

/// <summary>
/// Where a store is: <c>postgres://user:password@host:5432/database?table=photos</c>, <c>garnet://:password@host:6379,host:6379?name=photos&amp;shards=32</c>,
/// or <c>env:NAME</c>, a variable that holds one of them. Never shown, for there may be a password in it.
/// </summary>
internal static class StoreAddress
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
        var asked = HttpUtility.ParseQueryString(query);
        if (scheme == "garnet")
        {
            var (user, nodes) = place.LastIndexOf('@') is >= 0 and var at ? (place[..at], place[(at + 1)..]) : ("", place);
            var (name, password) = Split(user, ":");
            var configuration = nodes.TrimEnd('/') + (name.Length > 0 ? $",user={Uri.UnescapeDataString(name)}" : "") + (password.Length > 0 ? $",password={Uri.UnescapeDataString(password)}" : "");
            var options = new GarnetOptions { OnPartial = partial };
            return await GarnetStore.ConnectAsync(configuration, dimension, options with { Name = asked["name"] ?? options.Name, Shards = Number(asked["shards"], options.Shards), EfSearch = Number(asked["ef"], options.EfSearch) }).ConfigureAwait(false);
        }
        if (scheme is not ("postgres" or "postgresql") || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.AbsolutePath.Length < 2) throw new DeviseInputException($"the store's address is not as expected: {Expected}");
        var (account, secret) = Split(uri.UserInfo, ":");
        var connection = new NpgsqlConnectionStringBuilder { Host = uri.Host, Port = uri.Port > 0 ? uri.Port : 5432, Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]) };
        if (account.Length > 0) connection.Username = Uri.UnescapeDataString(account);
        if (secret.Length > 0) connection.Password = Uri.UnescapeDataString(secret);
        if (asked["sslmode"] is { } ssl) connection.SslMode = Enum.TryParse<SslMode>(ssl.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode) ? mode : throw new DeviseInputException($"sslmode '{ssl}': expected disable, prefer, require, verify-ca or verify-full");
        var table = new PgvectorOptions();
        return new PgvectorStore(connection.ConnectionString, dimension, table with { Table = asked["table"] ?? table.Table, EfSearch = Number(asked["ef"], table.EfSearch), Copy = asked["copy"] != "off" });
    }

    private static (string Before, string After) Split(string text, string mark) => text.IndexOf(mark, StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[(at + mark.Length)..]) : (text, "");

    private static int Number(string? text, int otherwise) => text is null ? otherwise : int.TryParse(text, out var number) ? number : throw new DeviseInputException($"'{text}' in the store's address: expected a number");
}

using System.Text;
using System.Text.RegularExpressions;

namespace MLNet.Devise.Jobs.Inputs;

/// <summary>A pattern of files: <c>*</c> any characters of a name, <c>?</c> one, <c>**</c> any folders.</summary>
internal sealed class GlobPattern
{
    private readonly Regex _regex;

    private GlobPattern(string typed, Regex regex, bool deep) => (Root, TypedRoot, _regex, Deep) = (Path.GetFullPath(typed.Length == 0 ? "." : typed), typed, regex, deep);

    /// <summary>The folder before the first wildcard, absolute: rows name files relative to it.</summary>
    public string Root { get; }

    /// <summary>The same as it was typed; empty for the working folder.</summary>
    public string TypedRoot { get; }

    /// <summary>Whether files in folders below <see cref="Root"/> can match.</summary>
    public bool Deep { get; }

    public static bool IsPattern(string text) => text.AsSpan().ContainsAny('*', '?');

    /// <summary>Takes a pattern apart.</summary>
    /// <exception cref="DeviseInputException">The folder before the first wildcard does not exist.</exception>
    public static GlobPattern Parse(string text)
    {
        var steps = (OperatingSystem.IsWindows() ? text.Replace('\\', '/') : text).Split('/');
        var fixedSteps = steps.TakeWhile(step => !IsPattern(step)).Count();
        var start = string.Join('/', steps[..fixedSteps]);
        if (fixedSteps > 0 && start.Length == 0) start = "/";
        if (Path.GetFullPath(start.Length == 0 ? "." : start) is var root && !Directory.Exists(root)) throw new DeviseInputException($"{text}: no such folder '{root}', expected one before the first wildcard");
        var pattern = new StringBuilder("^");
        for (var i = fixedSteps; i < steps.Length; i++)
        {
            if (steps[i] == "**") pattern.Append(i == steps.Length - 1 ? ".+" : "(?:[^/]+/)*");
            else pattern.Append(Step(steps[i])).Append(i == steps.Length - 1 ? "" : "/");
        }
        // Linear in the length of a path, whatever the pattern.
        var options = RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant | (OperatingSystem.IsWindows() ? RegexOptions.IgnoreCase : 0);
        return new(start, new Regex(pattern.Append("\\z").ToString(), options), steps.Length - fixedSteps > 1 || steps[^1] == "**");
    }

    /// <summary>Whether a path relative to <see cref="Root"/>, with slashes, is meant.</summary>
    public bool Matches(string path) => _regex.IsMatch(path);

    private static string Step(string step) => string.Concat(step.Select(letter => letter switch { '*' => "[^/]*", '?' => "[^/]", _ => Regex.Escape(letter.ToString()) }));
}

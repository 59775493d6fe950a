using System.Diagnostics.CodeAnalysis;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Reports.Notebooks;

/// <summary>
/// Makes notebooks show data sets, labels and results as HTML. .NET Interactive is found by reflection, so that nothing here depends on it;
/// other hosts ask <see cref="TryFormat"/>.
/// </summary>
public static class NotebookFormatters
{
    private const string Mime = "text/html";

    private static readonly Dictionary<Type, Func<object, HtmlView>> Known = new()
    {
        [typeof(HtmlView)] = value => (HtmlView)value,
        [typeof(ImageDataset)] = value => Show.Data((ImageDataset)value),
        [typeof(LabelSpace)] = value => Show.Labels((LabelSpace)value),
        [typeof(EvaluationReport)] = value => Show.Metrics((EvaluationReport)value),
        [typeof(EvaluationResult)] = value => Show.Metrics(((EvaluationResult)value).Report),
    };

    /// <summary>Tells .NET Interactive's <c>Formatter</c>, where this process has one, how our types look. Calling it again changes nothing.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="MissingMethodException">Its methods are not those that are known.</exception>
    public static bool Register()
    {
        var formatter = AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name == "Microsoft.DotNet.Interactive.Formatting" ? assembly : null)
            .FirstOrDefault(assembly => assembly is not null)?.GetType("Microsoft.DotNet.Interactive.Formatting.Formatter");
        if (formatter is null) return false;
        var register = formatter.GetMethod("Register", [typeof(Type), typeof(Action<object, TextWriter>), typeof(string)]) ?? throw new MissingMethodException(formatter.FullName, "Register");
        var prefer = formatter.GetMethod("SetPreferredMimeTypesFor", [typeof(Type), typeof(string[])]) ?? throw new MissingMethodException(formatter.FullName, "SetPreferredMimeTypesFor");
        foreach (var (type, view) in Known)
        {
            register.Invoke(null, [type, (Action<object, TextWriter>)((value, writer) => writer.Write(view(value).ToHtml())), Mime]);
            prefer.Invoke(null, [type, new[] { Mime }]);
        }
        return true;
    }

    /// <summary>The HTML of a value whose type is one of ours.</summary>
    public static bool TryFormat(object value, [NotNullWhen(true)] out string? html)
    {
        ArgumentNullException.ThrowIfNull(value);
        html = Known.TryGetValue(value.GetType(), out var view) ? view(value).ToHtml() : null;
        return html is not null;
    }
}

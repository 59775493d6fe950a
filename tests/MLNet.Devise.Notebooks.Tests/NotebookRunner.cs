using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;
using MLNet.Devise.Reports.Notebooks;

namespace MLNet.Devise.Notebooks.Tests;

/// <summary>What a cell showed.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Text">What it wrote to the console.</param>
/// <param name="Html">Its last value as HTML; null where that has no such form.</param>
internal sealed record CellOutput(Cell Cell, string Text, string? Html);

/// <summary>A cell that failed, or did not show what it promised.</summary>
internal sealed class CellException(string notebook, Cell cell, string why, Exception? inner = null)
    : Exception($"{notebook}, cell {cell.Id}: {why}\n{cell.Source}", inner);

/// <summary>
/// Runs a notebook's cells in order as C# scripts that go on from one another, as the kernel does. <c>#r</c> lines name assemblies of
/// artifacts/notebooks; here their namesakes beside this program, which are the same build, take their place.
/// </summary>
internal static partial class NotebookRunner
{
    /// <summary>Namespaces that the kernel opens by itself.</summary>
    private static readonly string[] Imports = ["System", "System.Text", "System.Collections", "System.Collections.Generic", "System.Threading.Tasks", "System.Linq"];

    public static async Task<IReadOnlyList<CellOutput>> Run(Notebook notebook, string parameters)
    {
        var name = Path.GetFileName(notebook.Path);
        var outputs = new List<CellOutput>();
        ScriptState<object>? state = null;
        foreach (var cell in notebook.Cells)
        {
            outputs.Add(await Capture(cell.Source));
            if (cell.IsParameters) await Capture(parameters);

            async Task<CellOutput> Capture(string source)
            {
                var console = Console.Out;
                using var text = new StringWriter();
                Console.SetOut(text);
                try
                {
                    var code = WithoutReferences(source, out var references);
                    state = state is null
                        ? await CSharpScript.RunAsync<object>(code, ScriptOptions.Default.WithImports(Imports).WithReferences(References(references)).WithLanguageVersion(Microsoft.CodeAnalysis.CSharp.LanguageVersion.Preview))
                        : await state.ContinueWithAsync<object>(code);
                }
                catch (Exception error)
                {
                    throw new CellException(name, cell, $"{error.GetType().Name}: {error.Message}", error);
                }
                finally
                {
                    Console.SetOut(console);
                }
                return Check(name, new(cell, text.ToString(), state.ReturnValue is { } value && NotebookFormatters.TryFormat(value, out var html) ? html : null));
            }
        }
        return outputs;
    }

    private static CellOutput Check(string name, CellOutput output)
    {
        switch (output.Cell.Shows)
        {
            case null: break;
            case "text" when string.IsNullOrWhiteSpace(output.Text): throw new CellException(name, output.Cell, "promises text but wrote none");
            case "html" when output.Html is null || !Visible().IsMatch(output.Html): throw new CellException(name, output.Cell, "promises HTML but shows none");
            case "text" or "html": break;
            case var other: throw new CellException(name, output.Cell, $"shows '{other}', expected html or text");
        }
        return output;
    }

    private static string WithoutReferences(string source, out List<string> references)
    {
        var found = references = [];
        return Reference().Replace(source, match => { found.Add(match.Groups[1].Value); return ""; });
    }

    /// <summary>The assemblies named, and those that .NET's own types come from.</summary>
    private static IEnumerable<Assembly> References(IEnumerable<string> named)
    {
        foreach (var path in named)
        {
            Assert.StartsWith("../../artifacts/notebooks/", path, StringComparison.Ordinal);
            yield return Assembly.Load(Path.GetFileNameWithoutExtension(path));
        }
        // Scripts see the whole of .NET; the defaults of Roslyn are a part of it.
        foreach (var path in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator))
            if (Path.GetDirectoryName(path) == Path.GetDirectoryName(typeof(object).Assembly.Location)) yield return Assembly.Load(Path.GetFileNameWithoutExtension(path));
    }

    [GeneratedRegex("""^#r "([^"]+)"\r?\n""", RegexOptions.Multiline)]
    private static partial Regex Reference();

    /// <summary>A figure, a photo, or a table with a row in it: not only a frame around nothing.</summary>
    [GeneratedRegex("<img [^>]*src=\"data:image/|<tr><th scope=\"row\">")]
    private static partial Regex Visible();
}

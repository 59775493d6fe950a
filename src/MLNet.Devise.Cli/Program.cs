using System.CommandLine;
using MLNet.Devise.Cli;
using MLNet.Devise.Cli.Verbs;

var root = new RootCommand("Deep visual-semantic embedding: train, score, search and evaluate models that see in word vectors.")
{
    RunVerb.Create(), SampleVerb.Create(), DataVerb.Create(), VectorsVerb.Create(), FindLrVerb.Create(), TrainVerb.Create(), ExperimentVerb.Create(), ExportVerb.Create(),
    ScoreVerb.Create(), EvaluateVerb.Create(), ReportVerb.Create(), IndexVerb.Create(), SearchVerb.Create(), LabelVerb.Create(),
};
foreach (var option in Common.Options) root.Options.Add(option);

// A word that begins with '@' is a file's name like any other.
var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (WordMistakes.Of(parsed) is { Count: > 0 } mistakes)
{
    foreach (var mistake in mistakes) Console.Error.WriteLine($"devise: {mistake}");
    Console.Error.WriteLine($"devise: see 'devise {string.Join(' ', Common.PathOf(parsed.CommandResult))} --help'".Replace("  ", " ", StringComparison.Ordinal));
    return ExitCode.UserMistake;
}
if (Common.EmptyWord(parsed) is { } empty)
{
    Console.Error.WriteLine($"devise: {empty}: an empty word, expected a value (is a variable unset?)");
    return ExitCode.UserMistake;
}
return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });

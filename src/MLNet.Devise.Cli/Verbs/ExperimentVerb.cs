using System.CommandLine;
using MLNet.Devise.Data;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise experiment</c>: several recipes over several seeds, one table.</summary>
internal static class ExperimentVerb
{
    public static Command Create()
    {
        var file = new Argument<string>("EXPERIMENT") { Description = "An experiment file, for instance pipelines/experiments/recipes.json." };
        var output = new Option<string?>("--out") { Description = "Where everything goes (default: artifacts/<name of the experiment>)." };
        var rows = new Option<string[]>("--rows") { Description = "Only these recipes.", AllowMultipleArgumentsPerToken = true };
        var folds = new Option<int?>("--folds") { Description = "Cross-validate over seen classes, 2 to 100 times: each recipe is trained once a fold, with the fold's seen classes held out as unseen, and the real unseen classes left out." };
        var data = new Option<string?>("--data") { Description = "Data folder instead of the file's." };
        var vectors = new Option<string?>("--vectors") { Description = "Word vectors instead of the file's." };
        var pretrained = new Option<string?>("--pretrained") { Description = "Weights instead of the file's." };
        return new Command("experiment", "Compare recipes: train, export and evaluate each over several seeds. What is done already is kept, as long as it is of the same recipe, data and vectors.") { file, output, rows, folds, data, vectors, pretrained }.Does((parsed, session) =>
        {
            var path = parsed.GetValue(file)!;
            var experiment = ExperimentFile.Read(path, parsed.GetValue(data), parsed.GetValue(vectors), parsed.GetValue(pretrained));
            if (parsed.GetValue(rows) is { Length: > 0 } wanted)
                experiment = experiment with { Rows = [.. wanted.Distinct(StringComparer.Ordinal).Select(name => experiment.Rows.FirstOrDefault(row => row.Name == name) ?? throw new DeviseInputException($"--rows: '{name}', expected some of {string.Join(", ", experiment.Rows.Select(row => row.Name))}"))] };
            if (session.Seed is { } seed) experiment = experiment with { Seeds = [seed] };
            Run(session, experiment, parsed.GetValue(output) ?? Path.Combine("artifacts", Path.GetFileNameWithoutExtension(path)), parsed.GetValue(folds));
        });
    }

    private static void Run(Session session, ExperimentFile experiment, string output, int? folds)
    {
        if (folds is < 2 or > 100) throw new DeviseInputException($"--folds: {folds}, expected 2..100");
        experiment.CheckFiles();
        ExperimentPart[] parts = [.. experiment.Seeds.SelectMany(seed => (folds is { } count ? Enumerable.Range(0, count).Select(i => (int?)i) : [null]).Select(fold => new ExperimentPart(experiment, output, seed, fold, folds)))];
        // All of them before anything is trained, which may take hours.
        foreach (var part in parts)
            foreach (var row in experiment.Rows) part.Check(row);
        var results = new List<ExperimentResult>();
        string Table() => ExperimentTable.Markdown(experiment.Rows.SelectMany(row => results.Where(result => result.Row == row.Name)));
        foreach (var part in parts)
        {
            foreach (var row in experiment.Rows)
            {
                results.Add(new(row.Name, part.Seed, part.Fold, part.Measure(session, row)));
                WholeFile.Write(Path.Combine(output, "table.csv"), stream => ExperimentTable.WriteCsv(stream, results));
                WholeFile.WriteText(Path.Combine(output, "table.md"), Table());
            }
            part.Clean(session);
        }
        session.Answer(results, text => text.Write(Table()));
    }
}

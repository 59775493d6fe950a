using System.CommandLine;
using System.Globalization;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise vectors explain</c>: how the vector of a label is found, and whether it means what it should.</summary>
internal static class VectorsExplainVerb
{
    private const int Near = 5;

    public static Command Create()
    {
        var file = VectorsVerb.File();
        var phrase = new Argument<string>("PHRASE") { Description = "A label: a word, or several." };
        return new Command("explain", "How the vector of a label is found: its entry, alias or parts, their weights, and what is near.") { file, phrase, PhraseOption.Composition, PhraseOption.Aliases }.Does((parsed, session) =>
        {
            var (path, name) = (parsed.GetValue(file)!, parsed.GetValue(phrase)!);
            using var words = VectorsVerb.Open(path, session);
            session.SayAll(words.Remarks, "remarks on the vectors");
            var unit = new float[words.Dimension];
            var found = new PhraseFinder(words, PhraseOption.Read(parsed)).TryFind(name, unit, out var match);
            IReadOnlyList<PhrasePart> parts = found ? match.Parts : [];
            var near = found ? Nearest(words, unit, [.. parts.Select(part => part.Word)]) : [];
            var details = parts.Select(part => new Part(part.Word, part.Weight, part.Rank, parts.Count > 1 ? Nearest(words, VectorOf(words, part), [part.Word]) : [])).ToArray();
            string[] missing = [.. Phrases.Words(name).Where(word => !Phrases.Part(word).Any(words.Contains)), .. found || Phrases.Words(name).Length == 1 ? Array.Empty<string>() : [name]];
            var suggestions = missing.Distinct().Zip(Spelling.Near([.. missing.Distinct()], path, Near, session.Cancellation)).ToDictionary(pair => pair.First, pair => pair.Second);
            session.Answer(new { phrase = name, found, how = found ? match.How : null, parts = details, near = near.Select(pair => new { word = pair.Word, cosine = pair.Cosine }), suggestions }, text =>
            {
                text.WriteLine(found ? $"{name}: {match.How}" : $"{name}: not found");
                foreach (var part in details) text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {part.Weight,4:0.00}  {part.Word}, {(part.Rank is { } rank ? $"word {rank + 1:N0} of the file" : "made of its n-grams")}{(part.Near.Length > 0 ? $"; near {Names(part.Near)}" : "")}"));
                if (near.Length > 0) text.WriteLine($"  near: {Names(near)}");
                foreach (var (word, others) in suggestions) text.WriteLine($"  '{word}' is not in the file; near in spelling: {(others.Count > 0 ? string.Join(", ", others) : "nothing")}");
            });
            if (!found) throw new DeviseInputException($"{path}: no vector for {Spelling.Suggest([name], path, session.Cancellation)}");
        });
    }

    private static (string Word, float Cosine)[] Nearest(WordVectors words, float[] vector, HashSet<string> own) =>
        [.. words.Nearest(vector, Near + own.Count).Where(pair => !own.Contains(pair.Word)).Take(Near)];

    private static float[] VectorOf(WordVectors words, PhrasePart part)
    {
        var vector = new float[words.Dimension];
        if (!words.TryGet(part.Word, vector)) words.TryInfer(part.Word, vector);
        return vector;
    }

    private static string Names((string Word, float Cosine)[] near) => string.Join(", ", near.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Word} {pair.Cosine:0.00}")));

    private sealed record Part(string Word, double Weight, long? Rank, [property: System.Text.Json.Serialization.JsonIgnore] (string Word, float Cosine)[] Near)
    {
        public IEnumerable<string> NearWords => Near.Select(pair => pair.Word);
    }
}

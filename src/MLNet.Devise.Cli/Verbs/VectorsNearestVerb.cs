using System.CommandLine;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise vectors nearest</c>: the words nearest to a word, a phrase, or a sum of them.</summary>
internal static class VectorsNearestVerb
{
    public static Command Create()
    {
        var file = VectorsVerb.File();
        var words = new Argument<string>("WORDS") { Description = "A word, a phrase of several, or a sum: \"king - man + woman\", \"horse + 0.5 * stripes\"." };
        var count = new Option<int>("-k") { Description = "How many.", DefaultValueFactory = _ => 10 };
        return new Command("nearest", "The words nearest to a word, a phrase, or a sum of them; all are compared.") { file, words, count, PhraseOption.Composition, PhraseOption.Aliases }.Does((parsed, session) =>
        {
            var (path, query, k) = (parsed.GetValue(file)!, TextQuery.Parse(parsed.GetValue(words)!), parsed.GetValue(count));
            if (k < 1) throw new DeviseInputException($"-k: {k}, expected at least 1");
            using var vectors = VectorsVerb.Open(path, session);
            session.SayAll(vectors.Remarks, "remarks on the vectors");
            var finder = new PhraseFinder(vectors, PhraseOption.Read(parsed));
            var found = new List<(TextTerm Term, PhraseMatch Match)>();
            var unit = query.Resolve(text =>
            {
                var vector = new float[vectors.Dimension];
                if (!finder.TryFind(text, vector, out var match)) throw new DeviseInputException($"{path}: no vector for {Spelling.Suggest([text], path, session.Cancellation)}");
                found.Add((query.Terms[found.Count], match));
                return vector;
            });
            var own = found.SelectMany(pair => Phrases.Whole(pair.Term.Text).Concat(pair.Match.Parts.Select(part => part.Word))).ToHashSet(StringComparer.Ordinal);
            var nearest = vectors.Nearest(unit, Math.Min(k, vectors.Count) + own.Count).Where(pair => !own.Contains(pair.Word)).Take(k).ToArray();
            var how = string.Join("; ", found.Select(pair => pair.Match.How));
            session.Answer(new { phrase = query.Text, how, nearest = nearest.Select(pair => new { word = pair.Word, cosine = pair.Cosine }) }, text =>
            {
                text.WriteLine($"{query.Text} ({how})");
                foreach (var (word, cosine) in nearest) text.WriteLine($"  {cosine:F4}  {word}");
            });
        });
    }
}

using System.CommandLine;
using MLNet.Devise.Labels;

namespace MLNet.Devise.Cli.Verbs;

/// <summary><c>devise vectors</c>: looks into word-vector files.</summary>
internal static class VectorsVerb
{
    public static Command Create() => new("vectors", "Look into word vectors.") { Info(), Nearest() };

    private static Command Info()
    {
        var file = new Argument<string>("FILE") { Description = "A .vec file." };
        return new Command("info", "Count and check every line of a word-vector file.") { file }.Does((parsed, session) =>
        {
            var path = parsed.GetValue(file)!;
            using var reader = new VecReader(path).ReadHeader();
            var values = new float[reader.Dimension];
            var (shortest, longest, first) = (double.MaxValue, 0.0, new List<string>());
            while (reader.TryRead(null, values, out var word, out _))
            {
                session.Cancellation.ThrowIfCancellationRequested();
                var length = System.Numerics.Tensors.TensorPrimitives.Norm<float>(values);
                (shortest, longest) = (Math.Min(shortest, length), Math.Max(longest, length));
                if (first.Count < 5) first.Add(word);
            }
            session.Answer(new { file = path, words = reader.Count, dimension = reader.Dimension, shortest, longest, first },
                text => text.WriteLine($"{path}: {reader.Count:N0} words of {reader.Dimension} values, lengths {shortest:F3} to {longest:F3}; starts with {string.Join(", ", first)}"));
        });
    }

    private static Command Nearest()
    {
        var file = new Argument<string>("FILE") { Description = "A .vec file." };
        var phrase = new Argument<string>("WORD") { Description = "A word, or a phrase of several." };
        var count = new Option<int>("-k") { Description = "How many.", DefaultValueFactory = _ => 10 };
        return new Command("nearest", "The words nearest to a word or phrase.") { file, phrase, count }.Does((parsed, session) =>
        {
            var (path, name, k) = (parsed.GetValue(file)!, parsed.GetValue(phrase)!, parsed.GetValue(count));
            if (k < 1) throw new DeviseInputException($"-k: {k}, expected at least 1");
            var words = WordVectors.ReadVec(path);
            var unit = new float[words.Dimension];
            if (!Phrases.TryFind(name, words, unit, out var how))
                throw new DeviseInputException($"{path}: no vector for {Spelling.Suggest([name], path)}");
            var own = Phrases.Whole(name).Concat(Phrases.Words(name)).ToHashSet(StringComparer.Ordinal);
            var nearest = words.Nearest(unit, Math.Min(k, words.Words.Count) + own.Count).Where(pair => !own.Contains(pair.Word)).Take(k).ToArray();
            session.Answer(new { phrase = name, how, nearest = nearest.Select(pair => new { word = pair.Word, cosine = pair.Cosine }) }, text =>
            {
                text.WriteLine($"{name} ({how})");
                foreach (var (word, cosine) in nearest) text.WriteLine($"  {cosine:F4}  {word}");
            });
        });
    }
}

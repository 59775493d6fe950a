using System.Numerics.Tensors;
using MLNet.Devise.Labels;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Evaluation;

/// <summary>
/// A word-vector file whose every word competes with the labels, streamed: ranking an image among a million words takes no more memory
/// than one block of them. Words that spell one of the labels (<c>giant_panda</c> for <c>giant+panda</c>) do not compete with it.
/// </summary>
/// <param name="Path">The file that the labels' vectors came from, of any kind that <see cref="WordVectors.Open"/> reads.</param>
/// <param name="Transform">What the labels' vectors went through; null for nothing.</param>
public sealed record Vocabulary(string Path, LabelTransform? Transform = null)
{
    private const int Block = 512;

    /// <summary>Throws where the file cannot be ranked against, before any work is done for it.</summary>
    /// <param name="dimension">Values of a label's vector.</param>
    /// <exception cref="DeviseInputException">The file is missing, of no known kind, or its vectors are of another size.</exception>
    internal void Check(int dimension)
    {
        using var reader = VectorReader.Open(Path, _ => false, values: false);
        Check(reader, dimension);
    }

    private void Check(VectorReader reader, int dimension)
    {
        if (reader.Dimension != dimension || (Transform is not null && Transform.Dimension != reader.Dimension))
            throw new DeviseInputException($"{Path}: {reader.Dimension} values a word, the labels have {dimension}; name the file that the model was trained with");
    }

    /// <summary>The rank of each image's true label, from 1, among seen and unseen labels and all words; and how many competed.</summary>
    /// <exception cref="DeviseInputException">The file is missing, a line is not as expected, or its vectors are of another size than the labels'.</exception>
    internal (int[] Ranks, int Labels) Rank(EvaluatedImages images)
    {
        var spelled = images.Labels.Names.Take(images.Known).SelectMany(Phrases.Whole).ToHashSet(StringComparer.Ordinal);
        using var reader = VectorReader.Open(Path, word => !spelled.Contains(word));
        Check(reader, images.Labels.Dimension);
        var ranks = Enumerable.Range(0, images.Items.Count).Select(i => 1 + HitRates.Rank(images.Cosines(i)[..images.Known], images.Truth[i])).ToArray();
        var (units, filled, labels) = (new float[Block * reader.Dimension], 0, images.Known);
        while (reader.TryRead(out var batch))
            for (var row = 0; row < batch.Count; row++)
            {
                var unit = units.AsSpan(filled * reader.Dimension, reader.Dimension);
                // A word without direction cannot be near anything.
                if (!(Transform?.TryApply(batch.Vector(row), unit) ?? Phrases.TryNormalize(batch.Vector(row), unit))) continue;
                labels++;
                if (++filled < Block) continue;
                Count(filled);
                filled = 0;
            }
        Count(filled);
        return (ranks, labels);

        void Count(int words) => Parallel.For(0, ranks.Length, i =>
        {
            var (embedding, own, ahead) = (images.Items[i].Embedding, images.Cosines(i)[images.Truth[i]], 0);
            for (var word = 0; word < words; word++)
                if (TensorPrimitives.Dot<float>(embedding, units.AsSpan(word * embedding.Length, embedding.Length)) > own) ahead++;
            ranks[i] += ahead;
        });
    }
}

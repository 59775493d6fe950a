using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Training.Export;

/// <summary>Runs the same images through a network of floats and its reduced form, and compares embeddings and nearest labels.</summary>
internal static class LossCheck
{
    /// <param name="exact">The network as exported.</param>
    /// <param name="reduced">The same in a lower precision.</param>
    /// <param name="batches">Images with their classes.</param>
    /// <param name="seen">The labels to choose among.</param>
    /// <returns>Null where there is no image.</returns>
    public static PrecisionLoss? Measure(byte[] exact, byte[] reduced, IEnumerable<PixelBatch> batches, LabelSpace seen)
    {
        // As scoring does it: processors without VNNI need their own way of adding up bytes.
        using var settings = ExecutionProviders.Settings(ExecutionProvider.Cpu, 0);
        using var before = new InferenceSession(exact, settings);
        using var after = new InferenceSession(reduced, settings);
        var (images, sum, least, right, rightBefore) = (0, 0.0, 1.0, 0, 0);
        foreach (var batch in batches)
        {
            foreach (var ((expected, actual), label) in Run(before, batch).Zip(Run(after, batch)).Zip(batch.Labels))
            {
                var cosine = (double)TensorPrimitives.CosineSimilarity(expected, actual);
                // A NaN is the worst there is, not something to be skipped by comparisons.
                if (!double.IsFinite(cosine)) cosine = -1;
                (images, sum, least) = (images + 1, sum + cosine, Math.Min(least, cosine));
                if (Nearest(seen, actual) == label) right++;
                if (Nearest(seen, expected) == label) rightBefore++;
            }
        }
        return images == 0 ? null : new(images, sum / images, least, (double)right / images, (double)rightBefore / images);
    }

    private static float[][] Run(InferenceSession session, PixelBatch batch)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(batch.Pixels, batch.Shape);
        using var run = new RunOptions();
        using var outputs = session.Run(run, [OnnxExporter.Input], [input], [OnnxExporter.Output]);
        var embeddings = outputs[0].GetTensorDataAsSpan<float>().ToArray();
        return [.. embeddings.Chunk(embeddings.Length / batch.Count)];
    }

    private static string Nearest(LabelSpace seen, float[] embedding)
    {
        var (best, nearest) = (float.NegativeInfinity, -1);
        for (var label = 0; label < seen.Names.Count; label++)
        {
            var cosine = TensorPrimitives.Dot(seen.Vector(label), embedding);
            if (cosine > best) (best, nearest) = (cosine, label);
        }
        return nearest < 0 ? "" : seen.Names[nearest];
    }
}

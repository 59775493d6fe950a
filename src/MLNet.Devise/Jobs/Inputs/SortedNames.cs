namespace MLNet.Devise.Jobs.Inputs;

/// <summary>Names in ordinal order, however many: what does not fit is sorted in runs, which lie in files aside and are merged.</summary>
internal static class SortedNames
{
    /// <summary>The names in order, as they are asked for.</summary>
    /// <param name="names">Names.</param>
    /// <param name="held">Names held in memory at a time.</param>
    public static IEnumerable<string> Of(IEnumerable<string> names, int held = 1 << 16)
    {
        var runs = new List<TextSpool>();
        try
        {
            var last = Array.Empty<string>();
            foreach (var chunk in names.Chunk(held))
            {
                if (last.Length > 0) runs.Add(Spool(last));
                last = chunk;
                Array.Sort(last, StringComparer.Ordinal);
            }
            foreach (var name in runs.Count == 0 ? last : Merge([.. runs.Select(run => run.Read()), last])) yield return name;
        }
        finally
        {
            foreach (var run in runs) run.Dispose();
        }
    }

    private static TextSpool Spool(string[] sorted)
    {
        var spool = new TextSpool();
        foreach (var name in sorted) spool.Add(name);
        return spool;
    }

    private static IEnumerable<string> Merge(IEnumerable<string>[] runs)
    {
        var queue = new PriorityQueue<IEnumerator<string>, string>(StringComparer.Ordinal);
        try
        {
            foreach (var run in runs.Select(run => run.GetEnumerator()))
                if (run.MoveNext()) queue.Enqueue(run, run.Current);
            while (queue.TryDequeue(out var run, out var name))
            {
                yield return name;
                if (run.MoveNext()) queue.Enqueue(run, run.Current);
                else run.Dispose();
            }
        }
        finally
        {
            foreach (var (run, _) in queue.UnorderedItems) run.Dispose();
        }
    }
}

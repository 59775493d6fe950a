namespace MLNet.Devise.Search.Graph;

/// <summary>Linked rows that a search cannot come to, because all links to them were given up for better ones.</summary>
internal static class Reachability
{
    /// <summary>Linked rows that no walk along the lowest layer reaches from the entry.</summary>
    public static int[] Unreached(LayeredGraph graph)
    {
        if (graph.Entry < 0) return [];
        var (reached, queue) = (new bool[graph.Rows], new Queue<int>());
        reached[graph.Entry] = true;
        queue.Enqueue(graph.Entry);
        while (queue.TryDequeue(out var row))
        {
            foreach (var other in graph.Neighbours(row, 0))
            {
                if (reached[other]) continue;
                reached[other] = true;
                queue.Enqueue(other);
            }
        }
        // Twins and rows that were removed before have no links of their own.
        return [.. Enumerable.Range(0, graph.Rows).Where(row => !reached[row] && graph.Neighbours(row, 0).Length > 0)];
    }

    /// <summary>Of the rows from one on, those to which none of their own neighbours links.</summary>
    public static IEnumerable<int> WithoutReturn(LayeredGraph graph, int first)
    {
        for (var row = first; row < graph.Rows; row++)
            if (!Returns(graph, row)) yield return row;
    }

    private static bool Returns(LayeredGraph graph, int row)
    {
        var links = graph.Neighbours(row, 0);
        foreach (var other in links)
            if (graph.Neighbours(other, 0).Contains(row)) return true;
        return links.Length == 0;
    }
}

namespace MLNet.Devise.Search.Graph;

/// <summary>Linked rows that a search cannot come to, because all links to them were given up for better ones.</summary>
internal static class Reachability
{
    /// <summary>Linked rows that no way down from the entry reaches: on each layer from all that the layers above lead to.</summary>
    public static int[] Unreached(LayeredGraph graph)
    {
        if (graph.Entry < 0) return [];
        var (reached, all) = (new bool[graph.Rows], new List<int> { graph.Entry });
        reached[graph.Entry] = true;
        for (var layer = graph.Top; layer >= 0; layer--)
            for (var next = 0; next < all.Count; next++)
                foreach (var other in graph.Neighbours(all[next], layer))
                {
                    if ((uint)other >= (uint)reached.Length) throw Damaged();
                    if (reached[other]) continue;
                    reached[other] = true;
                    all.Add(other);
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

    /// <summary>What a graph is whose links lead to rows that it does not have.</summary>
    public static DeviseInputException Damaged() => new("the index names a vector that it does not have: its file is damaged; build it again");

    private static bool Returns(LayeredGraph graph, int row)
    {
        var links = graph.Neighbours(row, 0);
        foreach (var other in links)
            if (graph.Neighbours(other, 0).Contains(row)) return true;
        return links.Length == 0;
    }
}

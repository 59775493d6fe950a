using MLNet.Devise.Jobs.Formats;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs.Inputs;

/// <summary>A Parquet list of images; further flat columns go through with their types.</summary>
internal sealed class ParquetInputs : ImageInputs
{
    private readonly string _list;
    private readonly int[] _columns;

    private ParquetInputs(string list, int[] columns) => (_list, _columns) = (list, columns);

    public static ParquetInputs Of(string list, IReadOnlyList<string>? keep)
    {
        using var table = new ParquetTable(list);
        var path = table.Require(Columns.Path);
        if (path.Type != KeptType.Text) throw new DeviseInputException($"{list}: column '{Columns.Path}' is {path.Description}, expected text");
        string[] names = [.. table.Fields.Select(field => field.Name)];
        // Before they are counted: a nested column has a field for each of its own.
        if (table.Fields.FirstOrDefault(field => field.Type is null && keep?.Contains(field.Name) != false && !KeptColumns.Own.Contains(field.Name)) is { } strange)
            throw new DeviseInputException($"{list}: column '{strange.Name}' is {strange.Description}, which cannot pass through to the scores; name the columns to keep, or none");
        var kept = KeptColumns.Choose(list, names, keep).Select(i => table.Fields[i]).ToArray();
        return new(list, [path.Column, .. kept.Select(field => field.Column)])
        {
            Root = Path.GetDirectoryName(Path.GetFullPath(list))!, TypedRoot = Path.GetDirectoryName(list) ?? "",
            Kept = [.. kept.Select(field => new KeptColumn(field.Name, field.Type!.Value))], Replaced = KeptColumns.Replaced(names, keep),
        };
    }

    public override IEnumerable<InputRow> Rows()
    {
        using var table = new ParquetTable(_list);
        foreach (var row in table.Rows(_columns)) yield return new((string?)row[0] ?? "", [.. row.AsSpan(1)]);
    }

    public override DeviseInputException Empty() => new($"{_list}: no row in it, expected an image a row");

    public override void Dispose() { }
}

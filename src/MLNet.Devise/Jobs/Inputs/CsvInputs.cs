using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs.Inputs;

/// <summary>A CSV list of images; further columns go through as text.</summary>
internal sealed class CsvInputs : ImageInputs
{
    private readonly string _list;
    private readonly int _path;
    private readonly int[] _kept;

    private CsvInputs(string list, int path, int[] kept) => (_list, _path, _kept) = (list, path, kept);

    public static CsvInputs Of(string list, IReadOnlyList<string>? keep)
    {
        using var csv = new CsvRows(list);
        var path = csv.Header.ToList().IndexOf(Columns.Path);
        if (path < 0) throw csv.HeaderError($"a column '{Columns.Path}'");
        var kept = KeptColumns.Choose(list, csv.Header, keep);
        return new(list, path, kept) { Root = Path.GetDirectoryName(Path.GetFullPath(list))!, TypedRoot = Path.GetDirectoryName(list) ?? "", Kept = [.. kept.Select(i => new KeptColumn(csv.Header[i], KeptType.Text))], Replaced = KeptColumns.Replaced(csv.Header, keep) };
    }

    public override IEnumerable<InputRow> Rows()
    {
        using var csv = new CsvRows(_list);
        while (csv.Read()) yield return new(csv[_path], _kept.Length == 0 ? [] : Array.ConvertAll(_kept, column => (object?)csv[column]));
    }

    public override DeviseInputException Empty() => new($"{_list}: a header and no row, expected an image a row");

    public override void Dispose() { }
}

#:project ../../src/MLNet.Devise/MLNet.Devise.csproj
// Takes the hypernyms of a class list out of WordNet, for 'devise evaluate --hypernyms': dotnet run pipelines/programs/hypernyms.cs WORDNET CLASSES OUT [ANCESTOR]
// WORDNET is the folder of index.noun and data.noun (Debian: wordnet-base, /usr/share/wordnet). Of a class's senses the most frequent one is taken that
// lies below ANCESTOR (animal: a seal is not made of wax), or the most frequent of all.
using System.Globalization;
using MLNet.Devise.Data;

if (args.Length is not (3 or 4))
{
    Console.Error.WriteLine("usage: hypernyms.cs WORDNET CLASSES OUT [ANCESTOR]");
    return 2;
}
var classes = ClassList.Read(args[1]);
// lemma → offsets of its senses, most frequent first: "seal n 9 5 @ ~ #m %p + 9 3 02075296 …"
var senses = new Dictionary<string, string[]>(StringComparer.Ordinal);
foreach (var line in Lines("index.noun"))
{
    var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    senses[parts[0]] = [.. parts.TakeLast(int.Parse(parts[2], CultureInfo.InvariantCulture))];
}
// offset → name and the offsets of its hypernyms: "02075296 05 n 01 seal 0 009 @ 02074367 n 0000 …"
var synsets = new Dictionary<string, (string Name, string[] Parents)>(StringComparer.Ordinal);
foreach (var line in Lines("data.noun"))
{
    var parts = line.Split('|')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    var pointers = 4 + 2 * int.Parse(parts[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture) + 1;
    synsets[parts[0]] = ($"{parts[4]}.{parts[0]}", [.. parts.Skip(pointers).Chunk(4).Where(pointer => pointer[0] is "@" or "@i" && pointer[2] == "n").Select(pointer => pointer[1])]);
}

var below = args.Length == 4 ? senses.GetValueOrDefault(args[3].Replace(' ', '_')) ?? throw new ArgumentException($"'{args[3]}' is no noun of WordNet") : null;
var (links, missing) = (new SortedSet<string>(StringComparer.Ordinal), new List<string>());
foreach (var name in classes)
{
    var chosen = senses.GetValueOrDefault(name.Replace('+', '_').Replace(' ', '_').ToLowerInvariant(), []).FirstOrDefault(sense => below is null || Above(sense).Contains(below[0]));
    if (chosen is null)
    {
        missing.Add(name);
        continue;
    }
    links.Add($"{name}\t{synsets[chosen].Name}");
    foreach (var offset in Above(chosen))
        foreach (var parent in synsets[offset].Parents) links.Add($"{synsets[offset].Name}\t{synsets[parent].Name}");
}
if (missing.Count > 0) Console.Error.WriteLine($"WordNet has no such noun; add lines for them by hand: {string.Join(", ", missing)}");
File.WriteAllLines(args[2], links);
Console.WriteLine($"{args[2]}: {links.Count} links for {classes.Count - missing.Count} of {classes.Count} classes");
return missing.Count == classes.Count ? 1 : 0;

// A sense and all that lies above it.
HashSet<string> Above(string sense)
{
    var (found, open) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>([sense]));
    while (open.TryPop(out var offset))
        if (found.Add(offset)) foreach (var parent in synsets[offset].Parents) open.Push(parent);
    return found;
}

// The licence at the head of each file is indented.
IEnumerable<string> Lines(string name) => File.ReadLines(Path.Combine(args[0], name)).Where(line => line.Length > 0 && line[0] != ' ');

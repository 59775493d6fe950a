#:project ../../src/MLNet.Devise.Reports/MLNet.Devise.Reports.csproj
// Finds images by words, the notebook search.ipynb as a program: dotnet run pipelines/programs/search.cs BUNDLE DATA VECTORS WORDS OUT.html
using MLNet.Devise;
using MLNet.Devise.Data;
using MLNet.Devise.Jobs;
using MLNet.Devise.Reports.Notebooks;
using MLNet.Devise.Search;

if (args.Length != 5)
{
    Console.Error.WriteLine("usage: search.cs BUNDLE DATA VECTORS WORDS OUT.html");
    return 2;
}
var bundle = ModelBundle.Open(args[0]);
var data = ImageDataset.Open(args[1], new() { Seed = bundle.Manifest.Seed });
var query = bundle.FindLabels([args[3].Replace(' ', '+')], args[2]).Vector(0).ToArray();

var items = data.Items.Where(item => item.Split != Split.Train).ToArray();
using var scorer = new ImageScorer(bundle, new() { K = 1 });
var readable = items.Zip(scorer.Score(items.Select(data.FullPath))).Where(pair => pair.Second.Embedding is not null).ToArray();
using var index = VectorIndex.Create(readable.Select(pair => (pair.First.Path, pair.Second.Embedding!.Value)), bundle.Labels.Dimension);
var labelOf = readable.ToDictionary(pair => pair.First.Path, pair => pair.First.Label);

HtmlView Found(IEnumerable<SearchHit> hits) => Show.Gallery(hits.Select(hit => new Picture(Path.Combine(data.Folder, hit.Id), $"{ClassList.Display(labelOf[hit.Id])} {hit.Cosine:F2}")));
var hits = index.Search(query, 12);
var first = new float[index.Dimension];
index.TryGet(hits[0].Id, first);
new HtmlPage($"Images for “{args[3]}”")
    .Add("Words → images", Found(hits))
    .Add("Like the first of them", Found(index.Search(first, 13).Skip(1)))
    .Write(args[4]);
foreach (var hit in hits) Console.WriteLine(FormattableString.Invariant($"{hit.Cosine:F4}  {hit.Id}"));
return 0;

using BenchmarkDotNet.Running;
using MLNet.Devise.Benchmarks;
using MLNet.Devise.Benchmarks.Search;

// Small things in one process: BenchmarkDotNet. Training beside PyTorch in one run: 'training'.
// Scoring beside ML.NET's own chain: 'scoring'; decoding alone beside Skia: 'decoding'. Nearest-neighbour search beside hnswlib: 'search'. Word vectors of real size: 'vectors'.
if (args is ["scoring", .. var photos]) return ScoringComparison.Run(photos);
if (args is ["decoding", .. var jpegs]) return DecodingComparison.Run(jpegs);
if (args is ["search", .. var vectors]) return SearchComparison.Run(vectors);
if (args is ["training", .. var rest]) return TrainingComparison.Run(rest);
// Whether class-activation maps of the drawn sample lie on what is drawn: 'heat BUNDLE SAMPLE [RUN]'.
if (args is ["heat", var bundle, var sample, .. var run] && run.Length < 2)
{
    HeatInBoxes.Run(bundle, sample, run.FirstOrDefault());
    return 0;
}
if (args is ["vectors", .. var folder]) return VectorFiles.Run(folder);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;

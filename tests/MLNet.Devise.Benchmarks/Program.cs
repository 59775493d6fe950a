using BenchmarkDotNet.Running;
using MLNet.Devise.Benchmarks;

// Small things in one process: BenchmarkDotNet. Training beside PyTorch in one run: 'training'.
if (args is ["training", .. var rest]) return TrainingComparison.Run(rest);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;

using System.CommandLine;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Cli;

/// <summary><c>--provider</c>, of every verb that runs a network.</summary>
internal static class ProviderOption
{
    public static Option<ExecutionProvider> Create() => new("--provider")
    {
        Description = "What ONNX Runtime computes with, as far as its package at hand has it.",
        DefaultValueFactory = _ => ExecutionProvider.Cpu,
    };
}

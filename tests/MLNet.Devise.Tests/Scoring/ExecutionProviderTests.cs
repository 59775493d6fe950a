using Microsoft.ML.OnnxRuntime;
using MLNet.Devise.Jobs;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Tests.Scoring;

public sealed class ExecutionProviderTests
{
    public static TheoryData<ExecutionProvider> All => [.. Enum.GetValues<ExecutionProvider>()];

    [Theory, MemberData(nameof(All))]
    public void A_provider_that_is_not_there_is_refused_with_the_package_that_has_it(ExecutionProvider provider)
    {
        ExecutionProviders.Check(provider, [provider]);
        var error = Assert.Throws<DeviseInputException>(() => ExecutionProviders.Check(provider, []));
        Assert.Contains($"has no {ExecutionProviders.OrtName(provider)}", error.Message, StringComparison.Ordinal);
        Assert.Matches("reference (Microsoft|Intel).ML.OnnxRuntime", error.Message);
    }

    [Fact]
    public void Names_are_those_that_ONNX_Runtime_answers_with()
    {
        Assert.Contains(ExecutionProvider.Cpu, ExecutionProviders.Available);
        Assert.Equal(ExecutionProviders.Available.Select(ExecutionProviders.OrtName).Order(),
            OrtEnv.Instance().GetAvailableProviders().Intersect(Enum.GetValues<ExecutionProvider>().Select(ExecutionProviders.OrtName)).Order());
        Assert.StartsWith("provider: 99, expected one of cpu, cuda,", Assert.Throws<DeviseInputException>(() => ExecutionProviders.Check((ExecutionProvider)99)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_processor_runs_a_network()
    {
        using var settings = ExecutionProviders.Settings(ExecutionProvider.Cpu, 1);
        using var session = new InferenceSession(TinyBundle.Network(), settings);
        Assert.Equal(["embedding"], session.OutputNames);
    }

    [Theory, MemberData(nameof(All))]
    public void A_bundle_says_so_before_it_scores(ExecutionProvider provider)
    {
        Assert.SkipWhen(ExecutionProviders.Available.Contains(provider), "it is there");
        using var folder = new TemporaryFolder();
        var bundle = TinyBundle.Write(folder["bundle"]);
        Assert.Contains("the ONNX Runtime package at hand has no", Assert.Throws<DeviseInputException>(() => new ImageScorer(bundle, new() { Provider = provider })).Message, StringComparison.Ordinal);
    }
}

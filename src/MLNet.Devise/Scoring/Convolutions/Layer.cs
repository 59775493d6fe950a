namespace MLNet.Devise.Scoring.Convolutions;

/// <summary>One step of a trunk. It keeps nothing between runs, so many can run at a time.</summary>
/// <param name="inputs">What it reads.</param>
/// <param name="output">What it writes.</param>
internal abstract class Layer(IReadOnlyList<FeatureMap> inputs, FeatureMap output)
{
    public IReadOnlyList<FeatureMap> Inputs => inputs;

    public FeatureMap Output => output;

    /// <summary>Weights that a run reads.</summary>
    public virtual long WeightBytes => 0;

    /// <summary>Values of working memory that a run over some images takes.</summary>
    public virtual long Scratch(int images) => 0;

    /// <summary>Computes the output of some images, beginning with the memory's first.</summary>
    public abstract void Run(Workspace memory, int images);
}

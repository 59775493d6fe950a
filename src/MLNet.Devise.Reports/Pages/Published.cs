namespace MLNet.Devise.Reports.Pages;

/// <summary>
/// What the paper published (<i>Deep Visual-Semantic Embedding Models for Mobile</i>, CS230), in percent: SqueezeNet 1.1 and ResNet-34
/// on Animals with Attributes 2.
/// </summary>
internal static class Published
{
    public static (double SqueezeNet, double ResNet) Stage1 => (88.66, 95.26);
    public static (double SqueezeNet, double ResNet) Top1 => (80.26, 61.79);
    public static (double SqueezeNet, double ResNet) Top3 => (90.25, 77.68);
    public static (double SqueezeNet, double ResNet) Top5 => (92.74, 83.19);
    public static (double SqueezeNet, double ResNet) Top10 => (96.05, 89.19);
    public static (double SqueezeNet, double ResNet) ZeroShotTop5 => (36.85, 26.53);
    public static (double SqueezeNet, double ResNet) ZeroShotTop10 => (52.03, 42.29);

    /// <summary>Given once, without saying for which backbone.</summary>
    public const double PerClassTop1 = 66.88;

    public static (long SqueezeNet, long ResNet) Parameters => (1_404_868, 21_967_044);
    public static (long SqueezeNet, long ResNet) Kilobytes => (5_517, 85_932);
}

using MLNet.Devise.Data;
using MLNet.Devise.Reports.Notebooks;
using MLNet.Devise.Tests.Evaluation;

namespace MLNet.Devise.Tests.Reports;

public sealed class ShowTests
{
    [Fact]
    public void A_class_without_images_is_passed_over()
    {
        using var folder = new TemporaryFolder();
        foreach (var label in (string[])["cat", "dog", "elk"]) folder.Write($"JPEGImages/{label}/1.jpg", "");
        folder.Write("split.csv", "path,split\nJPEGImages/cat/1.jpg,train\nJPEGImages/elk/1.jpg,valid\n");
        var data = ImageDataset.Open(folder.Path);
        Assert.Equal(["cat", "dog", "elk"], data.Seen);
        var html = Show.Data(data).ToHtml();
        Assert.Equal(["cat", "elk"], html.Split("<figcaption>").Skip(1).Select(rest => rest[..rest.IndexOf('<', StringComparison.Ordinal)]));
    }

    [Fact]
    public void A_cosine_that_rounds_to_0_has_no_sign()
    {
        var html = Show.Labels(Scenario.LabelsAt(("a", 0), ("b", 90.1))).ToHtml();
        Assert.Contains("<td>0.00</td>", html);
        Assert.DoesNotContain("-0.00", html);
    }
}

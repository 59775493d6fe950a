using MLNet.Devise.Data;

namespace MLNet.Devise.Jobs.Inputs;

/// <summary>The images of a data set, in its order: those that training and evaluation take, and no others.</summary>
internal sealed class DatasetInputs(ImageDataset data) : ImageInputs
{
    public static DatasetInputs Of(ImageDataset data) => new(data) { Root = data.Folder };

    public override IEnumerable<InputRow> Rows() => data.Items.Select(item => new InputRow(item.Path, []));

    public override DeviseInputException Empty() => new($"{data.Folder}: no image in it");

    public override void Dispose() { }
}

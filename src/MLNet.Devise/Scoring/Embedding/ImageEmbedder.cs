using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Scoring.Engine;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Scoring.Embedding;

/// <summary>
/// Image → embedding, status and reason. Cursors run ahead in batches on several threads (<see cref="EmbeddingCursor"/>); a single row,
/// as a prediction engine asks for, is computed when asked (<see cref="EmbeddingWork"/>). Both use the same engine.
/// </summary>
internal sealed class ImageEmbedder(EmbeddingModel model, EmbedImagesOptions options, ImageKind kind) : RowTransformer, IDisposable
{
    private readonly ImageColumn _input = new(options.InputColumnName, kind);

    public EmbeddingEngine Engine { get; } = model.Load(options);

    public EmbedImagesOptions Options => options;

    public override IReadOnlyList<InputColumn> Inputs => [_input];

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs => OutputsOf(options, model.Dimension);

    public static IReadOnlyList<DataViewSchema.DetachedColumn> OutputsOf(EmbedImagesOptions options, int dimension) =>
    [
        new(options.EmbeddingColumnName, new VectorDataViewType(NumberDataViewType.Single, dimension), null),
        new(options.StatusColumnName, TextDataViewType.Instance, null),
        new(options.ErrorColumnName, TextDataViewType.Instance, null),
    ];

    public override IDataView Transform(IDataView input) => new EmbeddedView(this, new(this, input.Schema), input);

    public override RowWork Open(DataViewRow input, Func<int, bool> isActive) => new EmbeddingWork(this, input);

    /// <summary>Reads the image of the row at hand, into the place of an earlier one that is no longer needed.</summary>
    public Func<ImageSource, ImageSource> Reader(DataViewRow input)
    {
        var column = input.Schema[options.InputColumnName];
        switch (kind)
        {
            case ImageKind.Path:
                var path = input.GetGetter<ReadOnlyMemory<char>>(column);
                ReadOnlyMemory<char> text = default;
                return _ =>
                {
                    path(ref text);
                    return new(Path: text.ToString());
                };
            case ImageKind.Image:
                var image = input.GetGetter<MLImage?>(column);
                return before =>
                {
                    // Whoever makes an image for each row frees the one given back; whoever hands out images of his own keeps them.
                    var value = before.Image;
                    image(ref value);
                    return new(Image: value);
                };
            default:
                var bytes = input.GetGetter<VBuffer<byte>>(column);
                VBuffer<byte> buffer = default;
                return _ =>
                {
                    bytes(ref buffer);
                    var file = new byte[buffer.Length];
                    buffer.CopyTo(file);
                    return new(Bytes: file);
                };
        }
    }

    /// <summary>The getter of an output, over the row that <paramref name="at"/> says.</summary>
    public Delegate Getter(int output, Func<(EmbeddingBatch Batch, int Row)> at) => output switch
    {
        0 => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
        {
            var (batch, row) = at();
            var editor = VBufferEditor.Create(ref value, model.Dimension);
            if (batch.Statuses[row] == ImageStatus.Ok) batch.Embedding(row).CopyTo(editor.Values);
            else editor.Values.Fill(options.BadImageVector == BadImageVector.Zero ? 0 : float.NaN);
            value = editor.Commit();
        }),
        1 => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) =>
        {
            var (batch, row) = at();
            value = batch.Statuses[row].Name().AsMemory();
        }),
        _ => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) =>
        {
            var (batch, row) = at();
            value = batch.Errors[row].AsMemory();
        }),
    };

    /// <summary>Throws at a bad image where that is the policy.</summary>
    public void CheckPolicy(EmbeddingBatch batch, int row, long position)
    {
        if (options.BadImages == BadImagePolicy.Throw && batch.Statuses[row] != ImageStatus.Ok)
            throw new DeviseInputException(
                $"row {position}: {batch.Sources[row]} is {batch.Statuses[row].Name()}: {batch.Errors[row]}; mend or leave out the image, or keep bad rows with {nameof(BadImagePolicy)}.{nameof(BadImagePolicy.Record)}");
    }

    protected override void SaveStock(MLContext context, ModelSaveContext destination) => StockEmbedding.Save(context, destination, model, options, kind);

    /// <inheritdoc/>
    public void Dispose() => Engine.Dispose();
}

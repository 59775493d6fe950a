using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Devise.Scoring.Rows;
using SkiaSharp;

namespace MLNet.Devise.Scoring;

/// <summary>Path → decoded photo or its centre square, status and reason. A bad file costs its row the image, never the cursor.</summary>
/// <remarks>
/// Saved as ML.NET's own <c>LoadImages</c> and <c>ResizeImages</c>. These give the same pixels (scaled: with
/// <see cref="ImageScaling.Stock"/>) of a sound file, but ignore EXIF orientation, lay transparency on black and throw at a bad file.
/// </remarks>
internal sealed class PhotoLoader(LoadPhotosOptions options) : RowTransformer
{
    private readonly LoadPhotosOptions _options = options.Validated();
    private readonly PathRule _paths = new(options.Folder);

    public override IReadOnlyList<InputColumn> Inputs => [new ValueColumn(_options.PathColumnName, TextDataViewType.Instance)];

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs =>
    [
        new(_options.ImageColumnName, _options.Side is { } side ? new ImageDataViewType(side, side) : new ImageDataViewType(), null),
        new(_options.StatusColumnName, TextDataViewType.Instance, null),
        new(_options.ErrorColumnName, TextDataViewType.Instance, null),
    ];

    public override RowWork Open(DataViewRow input, Func<int, bool> isActive) => new Work(this, input);

    protected override void SaveStock(MLContext context, ModelSaveContext destination)
    {
        var paths = context.Data.LoadFromEnumerable<PathRow>([], PathRow.Named(_options.PathColumnName));
        var load = context.Transforms.LoadImages(_options.ImageColumnName, _options.Folder, _options.PathColumnName);
        ICanSaveModel stock = _options.Side is { } side
            ? load.Append(context.Transforms.ResizeImages(
                _options.ImageColumnName, side, side, resizing: ImageResizingEstimator.ResizingKind.IsoCrop)).Fit(paths)
            : load.Fit(paths);
        stock.Save(destination);
    }

    private MLImage? Load(string path, out ImageStatus status, out string error)
    {
        if (!_paths.TryResolve(path, out var file, out error))
        {
            status = ImageStatus.Missing;
            return null;
        }
        using var photo = Photo.TryDecode(file, out status, out error);
        if (photo is null) return null;
        if (_options.Side is not { } side) return Image(photo);
        using var square = _options.Scaling.Square(photo, side);
        return Image(square);
    }

    private static MLImage Image(SKBitmap bitmap) =>
        MLImage.CreateFromPixels(bitmap.Width, bitmap.Height, MLPixelFormat.Bgra32, bitmap.GetPixelSpan());

    private sealed class Work : RowWork
    {
        private readonly PhotoLoader _loader;
        private readonly ValueGetter<ReadOnlyMemory<char>> _getPath;
        private ReadOnlyMemory<char> _path;
        private MLImage? _image;
        private ImageStatus _status;
        private string _error = "";

        public Work(PhotoLoader loader, DataViewRow input) : base(input)
        {
            _loader = loader;
            _getPath = input.GetGetter<ReadOnlyMemory<char>>(input.Schema[loader._options.PathColumnName]);
        }

        public override Delegate Getter(int output) => output switch
        {
            0 => (ValueGetter<MLImage?>)GetImage,
            1 => (ValueGetter<ReadOnlyMemory<char>>)GetStatus,
            _ => (ValueGetter<ReadOnlyMemory<char>>)GetError,
        };

        public override void Dispose()
        {
            _image?.Dispose();
            base.Dispose();
        }

        protected override void Compute()
        {
            _image?.Dispose();
            _getPath(ref _path);
            _image = _loader.Load(_path.ToString(), out _status, out _error);
        }

        /// <summary>Hands the image over: who asks disposes it. Asked again for the same row, the file is read again.</summary>
        private void GetImage(ref MLImage? value)
        {
            value?.Dispose();
            Refresh();
            value = _image ?? (_status == ImageStatus.Ok ? _loader.Load(_path.ToString(), out _, out _) : null);
            _image = null;
        }

        private void GetStatus(ref ReadOnlyMemory<char> value)
        {
            Refresh();
            value = _status.Name().AsMemory();
        }

        private void GetError(ref ReadOnlyMemory<char> value)
        {
            Refresh();
            value = _error.AsMemory();
        }
    }
}

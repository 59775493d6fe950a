using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Devise.Scoring;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Audio;

/// <summary>Path of a WAV file → picture of its spectrogram, status and reason. A bad file costs its row the image, never the cursor.</summary>
internal sealed class SpectrogramImager(SpectrogramImagesOptions options) : RowTransformer
{
    private readonly SpectrogramImagesOptions _options = options.Validated();
    private readonly PathRule _paths = new(options.Folder);

    public override IReadOnlyList<InputColumn> Inputs => [new ValueColumn(_options.PathColumnName, TextDataViewType.Instance)];

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs =>
    [
        new(_options.ImageColumnName, new ImageDataViewType(_options.Spectrogram.Size, _options.Spectrogram.Size), null),
        new(_options.StatusColumnName, TextDataViewType.Instance, null),
        new(_options.ErrorColumnName, TextDataViewType.Instance, null),
    ];

    public override RowWork Open(DataViewRow input, Func<int, bool> isActive) => new Work(this, input);

    // ML.NET saves transformers of its own alone, and none of them reads sound.
    protected override void SaveStock(MLContext context, ModelSaveContext destination) =>
        throw new NotSupportedException("SpectrogramImages cannot be saved: ML.NET has nothing that reads sound. Save what comes after it, and put it before that again when loaded");

    private MLImage? Draw(string path, out ImageStatus status, out string error)
    {
        if (!_paths.TryResolve(path, out var file, out error))
        {
            status = ImageStatus.Missing;
            return null;
        }
        if (WavFile.TryRead(file, _options.Spectrogram.Seconds, out status, out error) is not { } sound) return null;
        using var bitmap = SpectrogramPicture.Of(sound, _options.Spectrogram);
        return MLImage.CreateFromPixels(bitmap.Width, bitmap.Height, MLPixelFormat.Bgra32, bitmap.GetPixelSpan());
    }

    private sealed class Work : RowWork
    {
        private readonly SpectrogramImager _imager;
        private readonly ValueGetter<ReadOnlyMemory<char>> _getPath;
        private ReadOnlyMemory<char> _path;
        private MLImage? _image;
        private ImageStatus _status;
        private string _error = "";

        public Work(SpectrogramImager imager, DataViewRow input) : base(input)
        {
            _imager = imager;
            _getPath = input.GetGetter<ReadOnlyMemory<char>>(input.Schema[imager._options.PathColumnName]);
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
            _image = _imager.Draw(_path.ToString(), out _status, out _error);
        }

        /// <summary>Hands the image over: who asks disposes it. Asked again for the same row, the file is read again.</summary>
        private void GetImage(ref MLImage? value)
        {
            value?.Dispose();
            Refresh();
            value = _image ?? (_status == ImageStatus.Ok ? _imager.Draw(_path.ToString(), out _, out _) : null);
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

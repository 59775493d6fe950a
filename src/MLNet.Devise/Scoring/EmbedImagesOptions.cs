using System.Drawing;
using System.Text.Json.Serialization;
using MLNet.Devise.Scoring.Engine;
using SkiaSharp;

namespace MLNet.Devise.Scoring;

/// <summary>What <c>EmbedImages</c> reads, how it decodes, what it does with bad images, and how it uses the machine.</summary>
public sealed record EmbedImagesOptions
{
    /// <summary>Column of images: Text (paths), Image (decoded; alpha multiplied in, as ML.NET has it), or Vector&lt;Byte&gt; (a file's bytes).</summary>
    public string InputColumnName { get; init; } = Columns.Path;

    /// <summary>Vector&lt;Single, D&gt; column added: the embedding, of length 1.</summary>
    public string EmbeddingColumnName { get; init; } = Columns.Embedding;

    /// <summary>Text column added: <c>ok missing corrupt too-large unsupported not-finite</c>.</summary>
    public string StatusColumnName { get; init; } = Columns.Status;

    /// <summary>Text column added: why the status is not <c>ok</c>; empty where it is.</summary>
    public string ErrorColumnName { get; init; } = Columns.Error;

    /// <summary>
    /// Folder that relative paths start from; a path that leads outside it is <c>missing</c>. <see langword="null"/>: paths start
    /// from the current folder and may lead anywhere.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>What a bad image does.</summary>
    public BadImagePolicy BadImages { get; init; } = BadImagePolicy.Record;

    /// <summary>The vector of a bad image's row.</summary>
    public BadImageVector BadImageVector { get; init; } = BadImageVector.NaN;

    /// <summary>Images of more pixels are refused from their header, before they are decoded: 1 to 500,000,000, which take 2 GB.</summary>
    public long MaxPixels { get; init; } = Photo.MaxPixels;

    /// <summary>What transparent pixels are laid on; training lays them on white. Its own alpha is left out.</summary>
    public Color Background { get; init; } = Color.White;

    /// <summary>
    /// Whether large JPEGs are decoded at a half, a quarter or an eighth of their size: by a bundle of <see cref="ImageScaling.Stock"/> those
    /// at least twice as large as its square, of <see cref="ImageScaling.Antialiased"/> two and a half times. Training decodes so too.
    /// Embeddings come out near those of whole decoding, not equal: on 328 photos, where they differed, cosines were .998 to .999 on average
    /// and .990 at the least.
    /// </summary>
    public bool ReducedDecoding { get; init; } = true;

    /// <summary>
    /// Whether this library computes a network's convolutions itself where it can: 3 × 3 windows by Winograd's minimal filtering
    /// (<see href="https://arxiv.org/abs/1509.09308">Lavin and Gray, 2016</see>), a quarter of the multiplications. It does on x64 with AVX2,
    /// with one thread a run and weights of 32 or 16 bits; else ONNX Runtime computes all, as it does what comes after the convolutions.
    /// Embeddings differ in rounding only. An int8 network is given the pixels' own bytes, which it otherwise makes of numbers in 0..1;
    /// its embeddings are the same.
    /// </summary>
    [JsonIgnore]
    public bool FastConvolutions { get; init; } = true;

    /// <summary>What ONNX Runtime computes the network with. Saved models do not keep it.</summary>
    [JsonIgnore]
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>Batches decoded and embedded at a time, 1 to 1024; <see langword="null"/> for one a processor.</summary>
    [JsonIgnore]
    public int? Workers { get; init; }

    /// <summary>Threads of one run of the network, 1 to 1024; <see langword="null"/> for the processors that the workers leave, at least 1.</summary>
    [JsonIgnore]
    public int? IntraOpThreads { get; init; }

    /// <summary>Most images in one run of the network, 1 to 1024; <see langword="null"/> for what suits the machine.</summary>
    [JsonIgnore]
    public int? BatchSize { get; init; }

    /// <summary>Ends reading with <see cref="OperationCanceledException"/>.</summary>
    [JsonIgnore]
    public CancellationToken Cancellation { get; init; }

    internal EmbedImagesOptions Validated()
    {
        ColumnNames.Check([InputColumnName], [EmbeddingColumnName, StatusColumnName, ErrorColumnName]);
        if (!Enum.IsDefined(BadImages)) throw new DeviseInputException($"badImages: {BadImages}, expected {BadImagePolicy.Record} or {BadImagePolicy.Throw}");
        if (!Enum.IsDefined(BadImageVector)) throw new DeviseInputException($"badImageVector: {BadImageVector}, expected {BadImageVector.NaN} or {BadImageVector.Zero}");
        if (MaxPixels is < 1 or > Photo.MostPixels) throw new DeviseInputException($"maxPixels: {MaxPixels}, expected 1 to 500,000,000");
        ExecutionProviders.Check(Provider);
        _ = Layout(side: 1, networkBytes: 0);
        return this;
    }

    internal EngineLayout Layout(int side, long networkBytes) => EngineLayout.Of(Workers, IntraOpThreads, BatchSize, Environment.ProcessorCount, Provider == ExecutionProvider.Cpu ? side : 1, networkBytes);

    internal PhotoRules Rules(ImageScaling scaling, int side) => new()
    {
        MaxPixels = MaxPixels,
        Background = new SKColor(Background.R, Background.G, Background.B),
        Reduction = ReducedDecoding ? new(scaling, side) : null,
    };
}

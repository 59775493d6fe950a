using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace MLNet.Devise.Labels.Files;

/// <summary>
/// word2vec's <c>.bin</c>: a line <c>words dimension</c>, then for each word its UTF-8 text, a space, and its values as little-endian
/// floats, usually with a line end after them. The layout is that of the authors' program (Mikolov et al. 2013).
/// </summary>
internal sealed class Word2VecReader : VectorReader
{
    private const int MaxWord = 1 << 16, BatchValues = 1 << 18;

    private readonly BufferedStream _stream;
    private readonly Predicate<string>? _wanted;
    private readonly VectorBatch _batch;
    private readonly byte[] _word = new byte[MaxWord];

    public Word2VecReader(VectorFile file, VectorShape shape, Predicate<string>? wanted) : base(file.Path, shape)
    {
        (_stream, _wanted, _batch) = (new(file.Open(), (int)Math.Min((1 << 20) - 1, file.Length ?? long.MaxValue) + 1), wanted, new(shape.Dimension));
        var header = 1;
        while (_stream.ReadByte() is not ('\n' or -1)) header++;
        // An empty word and its space is the least that a row can be.
        if (file.Length is not { } length || length - header >= (4L * shape.Dimension + 1) * shape.Count) return;
        _stream.Dispose();
        throw new DeviseInputException($"{Path}: {length:N0} bytes, but its header says {shape.Count} words of {shape.Dimension} values: it is incomplete, fetch it again");
    }

    public override bool TryRead(out VectorBatch batch)
    {
        batch = _batch;
        _batch.Clear();
        _batch.First = Rows;
        var first = Rows;
        while (Rows < Shape.Count && (Rows - first) * Dimension < BatchValues) Row((int)(Rows++ - first));
        Problems.Check(Rows, whole: Rows == Shape.Count);
        if (Rows > first) return true;
        for (int after; (after = _stream.ReadByte()) >= 0;)
            if (after is not ('\n' or '\r')) throw new DeviseInputException($"{Path}: more bytes after the {Shape.Count} words that its header says, expected the end");
        return false;
    }

    protected override void Dispose(bool disposing) => _stream.Dispose();

    private void Row(int row)
    {
        var length = ReadWord();
        var values = _batch.Next();
        if (_stream.ReadAtLeast(MemoryMarshal.AsBytes(values), values.Length * 4, throwOnEndOfStream: false) < values.Length * 4) throw Cut();
        if (!Utf8.IsValid(_word.AsSpan(0, length)) || length == 0) Problems.AddBad($"row {Rows}", "the word is not valid UTF-8, expected UTF-8 text");
        else if (!TensorPrimitives.IsFiniteAll<float>(values)) Problems.AddBad($"row {Rows}", "a value that is not a finite number");
        else if (Encoding.UTF8.GetString(_word, 0, length) is var word && (_wanted is null || _wanted(word))) _batch.Add(word, row);
    }

    private int ReadWord()
    {
        for (var length = 0; ;)
        {
            var next = _stream.ReadByte();
            if (next < 0) throw Cut();
            if (next == ' ') return length;
            if (length == 0 && next == '\n') continue;
            if (length == MaxWord) throw new DeviseInputException($"{Path}:row {Rows}: a word of more than {MaxWord} bytes, expected a space after it: not word2vec's format, or damaged; fetch it again");
            _word[length++] = (byte)next;
        }
    }

    private DeviseInputException Cut() => new($"{Path}:row {Rows}: the file ends here, but its header says {Shape.Count} words: it is incomplete, fetch it again");
}

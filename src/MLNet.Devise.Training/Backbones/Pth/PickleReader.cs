using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace MLNet.Devise.Training.Backbones.Pth;

/// <summary>
/// A restricted pickle machine: the opcodes that PyTorch's files have in protocols 2 to 5, names from <see cref="AllowedGlobals"/>, and a
/// bound on all that a few bytes could make large. It builds a graph of values and never walks it, so cycles and shared parts cost nothing.
/// </summary>
/// <param name="stream">The file, at the pickle's first byte; left after its last.</param>
/// <param name="end">Where the pickle must have ended.</param>
/// <param name="persistent">Makes the storage that a persistent id describes.</param>
internal sealed class PickleReader(Stream stream, long end, Func<object?[], Storage> persistent)
{
    private const int MaxDepth = 10_000, MaxValues = 200_000, MaxName = 1024;

    private static readonly object True = true, False = false;
    private static readonly object?[] EmptyTuple = [];

    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<int, object?> _memo = [];
    private readonly byte[] _scratch = new byte[MaxName];
    private int _values;

    /// <exception cref="InvalidDataException">The pickle is damaged, too large, or asks for what weights do not need.</exception>
    /// <exception cref="EndOfStreamException">The file ends within it.</exception>
    public object? Read()
    {
        while (true)
        {
            var opcode = (char)Byte();
            switch (opcode)
            {
                case '\x80': if (Byte() is var protocol and (< 2 or > 5)) throw Bad($"protocol {protocol}, expected 2 to 5"); break;
                case '\x95': Bytes(8); break; // a frame's length, of use to buffers only
                case '.': return _stack is [var result] ? result : throw Bad($"{_stack.Count} values at its end, expected 1");

                case 'N': Push(null); break;
                case '\x88': Push(True); break;
                case '\x89': Push(False); break;
                case 'K': Push((long)Byte()); break;
                case 'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2))); break;
                case 'J': Push((long)Int32()); break;
                case '\x8a': PushLong(Bytes(Byte())); break;
                case 'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8))); break;
                case '\x8c' or 'U': Push(Text(Byte())); break;
                case 'X' or 'T': Push(Text(Int32())); break;

                case ')': Push(EmptyTuple); break;
                case '\x85': Push(Pop(1)); break;
                case '\x86': Push(Pop(2)); break;
                case '\x87': Push(Pop(3)); break;
                case 't': Push(PopToMark()); break;
                case ']': Push(new PickledList()); break;
                case 'a': { var item = Pop(); Top<PickledList>().Add(item); break; }
                case 'e': { var items = PopToMark(); Top<PickledList>().AddRange(items); break; }
                case '}': Push(new PickledDictionary()); break;
                case 's': Put(Pop(2)); break;
                case 'u': Put(PopToMark()); break;
                case '(': if (_marks.Count == MaxDepth) throw Bad($"more than {MaxDepth} marks"); _marks.Push(_stack.Count); break;

                case 'q': Remember(Byte()); break;
                case 'r': Remember(Int32()); break;
                case '\x94': Remember(_memo.Count); break;
                case 'h': Push(Recall(Byte())); break;
                case 'j': Push(Recall(Int32())); break;

                case 'c': Push(AllowedGlobals.Find(Line(), Line())); break;
                case '\x93': Push(Pop(2) is [string module, string name] ? AllowedGlobals.Find(module, name) : throw Bad("a name that is no text")); break;
                case 'Q': Push(Pop() is object?[] id ? persistent(id) : throw Bad("a storage without description")); break;
                case 'R': Push(Pop(2) is [PickledFunction function, object?[] arguments] ? Call(function, arguments) : throw Bad("a call of what is no function")); break;
                // Attributes: PyTorch hangs the versions of layers on a state_dict, which nothing here reads.
                case 'b': Pop(); Top<PickledDictionary>(); break;
                default: throw Bad($"opcode 0x{(int)opcode:x2}, which weights do not need");
            }
        }
    }

    private void Push(object? value)
    {
        if (_stack.Count == MaxDepth) throw Bad($"more than {MaxDepth} values at once");
        Count(1);
        _stack.Add(value);
    }

    private void Count(int values)
    {
        if ((_values += values) > MaxValues) throw Bad($"more than {MaxValues} values");
    }

    /// <summary>A function may copy the lists that it is given, as often as it is called: their values count each time.</summary>
    private object? Call(PickledFunction function, object?[] arguments)
    {
        foreach (var list in arguments.OfType<PickledList>()) Count(list.Count);
        return function.Call(arguments);
    }

    private void PushLong(ReadOnlySpan<byte> bytes)
    {
        var number = new BigInteger(bytes);
        Push(number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number);
    }

    private object? Pop() => Pop(1)[0];

    private object?[] Pop(int count)
    {
        var start = _stack.Count - count;
        if (start < (_marks.TryPeek(out var mark) ? mark : 0)) throw Bad("an instruction that lacks its values");
        object?[] values = [.. _stack[start..]];
        _stack.RemoveRange(start, count);
        return values;
    }

    private object?[] PopToMark()
    {
        if (!_marks.TryPop(out var mark)) throw Bad("an instruction that lacks its mark");
        return Pop(_stack.Count - mark);
    }

    private T Top<T>() where T : class => _stack is [.., T top] ? top : throw Bad("an instruction for another type of value");

    private void Put(object?[] pairs)
    {
        if (pairs.Length % 2 != 0) throw Bad("a key without a value");
        var dictionary = Top<PickledDictionary>();
        for (var i = 0; i < pairs.Length; i += 2) dictionary.Add(new(pairs[i], pairs[i + 1]));
    }

    private void Remember(int index)
    {
        if (_memo.Count == MaxValues) throw Bad($"more than {MaxValues} remembered values");
        _memo[index] = _stack is [.., var top] ? top : throw Bad("an instruction that lacks its values");
    }

    private object? Recall(int index) => _memo.TryGetValue(index, out var value) ? value : throw Bad($"a reference to value {index}, which it has not made");

    private int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));

    private string Text(int length)
    {
        if (length is < 0 or > MaxName) throw Bad($"a text of {(uint)length} bytes, expected at most {MaxName}");
        return Encoding.UTF8.GetString(Bytes(length));
    }

    private string Line()
    {
        for (var length = 0; length < _scratch.Length; length++)
            if ((_scratch[length] = Byte()) == (byte)'\n') return Encoding.UTF8.GetString(_scratch, 0, length);
        throw Bad($"a name of more than {MaxName} bytes");
    }

    private byte Byte()
    {
        if (stream.Position >= end || stream.ReadByte() is not (>= 0 and var value)) throw new EndOfStreamException();
        return (byte)value;
    }

    /// <summary>The next bytes, until others are asked for.</summary>
    private Span<byte> Bytes(int count)
    {
        if (count > end - stream.Position) throw new EndOfStreamException();
        stream.ReadExactly(_scratch, 0, count);
        return _scratch.AsSpan(0, count);
    }

    private static InvalidDataException Bad(string what) => new($"its pickle has {what}; the file is damaged or not the weights of a network");
}

using System.Buffers.Binary;
using System.Text;

namespace MLNet.Devise.Training;

/// <summary>
/// Lifts one demand of a 64-bit little-endian ELF library: the version need <c>GLIBCXX_3.4.32</c>, which exists only for
/// <c>std::ios_base_library_init()</c>. The need is marked weak, and the symbol is pointed at a harmless function without arguments that
/// the library imports anyway. Anything but this exact case is left as it is.
/// </summary>
internal static class ElfPatch
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string Unwanted = "_ZSt21ios_base_library_initv";
    private const string Harmless = "_ZN3c108GradMode10is_enabledEv";

    private const uint DynamicSymbols = 11, VersionNeeds = 0x6ffffffe, VersionTable = 0x6fffffff;
    private const int SectionHeader = 64, Symbol = 24, WeakFlag = 2, Unversioned = 1;

    /// <summary>Patches <paramref name="file"/> in place; false where it is not the case known, and then nothing is changed.</summary>
    public static bool TryLiftVersionDemand(Span<byte> file)
    {
        try { return Patch(file); }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException) { return false; }
    }

    private static bool Patch(Span<byte> file)
    {
        if (!file.StartsWith("\u007fELF"u8) || file[4] != 2 || file[5] != 1) return false;
        var (symbols, symbolsEnd, names, namesEnd, versions, needs, needCount) = (0, 0, 0, 0, 0, 0, 0);
        var sections = Long(file, 0x28);
        for (var i = 0; i < Short(file, 0x3c); i++)
        {
            var header = sections + i * SectionHeader;
            var (type, offset, size) = (Word(file, header + 4), Long(file, header + 24), Long(file, header + 32));
            if (type == DynamicSymbols)
            {
                (symbols, symbolsEnd) = (offset, checked(offset + size));
                var linked = sections + (int)Word(file, header + 40) * SectionHeader;
                (names, namesEnd) = (Long(file, linked + 24), checked(Long(file, linked + 24) + Long(file, linked + 32)));
            }
            else if (type == VersionTable) versions = offset;
            else if (type == VersionNeeds) (needs, needCount) = (offset, (int)Word(file, header + 44));
        }
        if (symbols == 0 || versions == 0 || needs == 0) return false;

        var strings = file[names..namesEnd];
        var (unwanted, harmless, version) = (Find(strings, Unwanted), Find(strings, Harmless), Find(strings, Version));
        if (unwanted < 0 || harmless < 0 || version < 0 || FindNeed(file, needs, needCount, version) is not { } need) return false;

        var users = new List<int>();
        for (var i = 0; symbols + i * Symbol < symbolsEnd; i++)
            if (Short(file, versions + 2 * i) == need.Index) users.Add(i);
        if (users.Count != 1 || Word(file, symbols + users[0] * Symbol) != unwanted) return false;

        BinaryPrimitives.WriteUInt32LittleEndian(file[(symbols + users[0] * Symbol)..], (uint)harmless);
        BinaryPrimitives.WriteUInt16LittleEndian(file[(versions + 2 * users[0])..], Unversioned);
        BinaryPrimitives.WriteUInt16LittleEndian(file[(need.At + 4)..], WeakFlag);
        return true;
    }

    /// <summary>Walks the version needs: per library a list of versions, each with the index that symbols refer to.</summary>
    private static (int At, int Index)? FindNeed(ReadOnlySpan<byte> file, int needs, int count, int name)
    {
        for (var (i, library) = (0, needs); i < count; i++, library += (int)Word(file, library + 12))
            for (var (j, at) = (0, library + (int)Word(file, library + 8)); j < Short(file, library + 2); j++, at += (int)Word(file, at + 12))
                if (Word(file, at + 8) == name) return (at, Short(file, at + 6));
        return null;
    }

    private static int Find(ReadOnlySpan<byte> strings, string name)
    {
        var at = strings.IndexOf(Encoding.ASCII.GetBytes($"\0{name}\0"));
        return at < 0 ? -1 : at + 1;
    }

    private static int Long(ReadOnlySpan<byte> file, int at) => checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file[at..]));
    private static uint Word(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file[at..]);
    private static ushort Short(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file[at..]);
}

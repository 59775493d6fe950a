namespace MLNet.Devise.Data.Downloads;

/// <summary>How far a download has come.</summary>
/// <param name="Bytes">Bytes on disk, those of an earlier attempt included.</param>
/// <param name="Total">Bytes of the whole file; null where the server does not say.</param>
/// <param name="Note">What happened, where it is more than bytes coming in.</param>
internal sealed record DownloadProgress(long Bytes, long? Total, string? Note = null);

/// <summary>What a download ended with.</summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its checksum.</param>
/// <param name="Received">Bytes that came over the network this time; 0 where the file was there already.</param>
internal sealed record DownloadResult(string Path, long Bytes, string Sha256, long Received);

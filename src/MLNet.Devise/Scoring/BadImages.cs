namespace MLNet.Devise.Scoring;

/// <summary>What a row whose image cannot be read does to the rows around it.</summary>
public enum BadImagePolicy
{
    /// <summary>The row is kept: its status and error say why, its vector is as <see cref="BadImageVector"/> says.</summary>
    Record,

    /// <summary>Reading that row throws <see cref="DeviseInputException"/>; the rows before it have been had.</summary>
    Throw,
}

/// <summary>The vector of a row whose image cannot be read.</summary>
public enum BadImageVector
{
    /// <summary>NaN in every place: no computation takes it for an answer.</summary>
    NaN,

    /// <summary>0 in every place, for what cannot bear NaN.</summary>
    Zero,
}

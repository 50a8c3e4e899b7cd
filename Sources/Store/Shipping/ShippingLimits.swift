public import Domain

extension LogShipper {
  /// How much is kept.
  public struct Limits: Sendable {
    /// So many frames are in the log when it is folded, at least.
    public var foldFrames: Int64 = 1000
    /// The log is folded at this size even where shipping fails: history is cut, the disk not filled.
    public var maximumLogFrames: Int64 = 16_384
    /// So old a base becomes.
    public var maximumAge = TimeSpan.hours(24)
    /// The segments of one base become so large, or as large as the base where that is larger, in bytes.
    public var segmentBytes: Int64 = 64 << 20
    /// So many generations are kept.
    public var generations = 3
    /// So large the spool becomes, in bytes; the newest generation is kept in any case.
    public var spoolBytes: Int64 = 4 << 30

    /// What is usual.
    public init() {}
  }
}

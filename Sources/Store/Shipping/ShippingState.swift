import Disk
public import Domain
import Glibc

/// How the shipping of a database's log stands, as the one who ships tells it in the spool's folder:
/// outside of the database, since a row there would be shipped, and told of, for ever.
public struct ShippingState: Hashable, Sendable {
  /// Until when all that was committed is in the spool; nil before the first turn that succeeded.
  public var through: Instant?
  /// How often it ships.
  public var interval: TimeSpan
  /// How large the spool is, in bytes.
  public var spoolBytes: Int64
  /// Why it does not ship, and since when; nil while it does.
  public var trouble: Trouble?
  /// How often history was cut since the spool was made, because the log had grown too long to wait.
  public var cuts: Int
  /// When it was last cut.
  public var lastCut: Instant?
  /// Until when all that was shipped is at the remote too; nil where nothing was sent.
  public var remoteThrough: Instant?

  /// Something that is wrong since a time.
  public struct Trouble: Hashable, Sendable {
    /// In words.
    public var words: String
    /// Since when.
    public var since: Instant

    /// A trouble since then.
    public init(_ words: String, since: Instant) { (self.words, self.since) = (words, since) }
  }

  static let format = "carillon.shipping/1"
  static let maximumBytes = 1 << 16

  /// The state of one who begins.
  public init(interval: TimeSpan) {
    (self.interval, spoolBytes, cuts) = (interval, 0, 0)
  }

  var text: String {
    func time(_ key: String, _ value: Instant?) -> JSONValue.Member {
      .init(key, value.map { .number($0.milliseconds) } ?? .null)
    }
    return JSONValue.object([
      .init("schema", .string(Self.format)), time("through_ms", through),
      .init("interval_ms", .number(interval.milliseconds)),
      .init("spool_bytes", .number(spoolBytes)),
      .init("trouble", trouble.map { .string($0.words) } ?? .null),
      time("trouble_since_ms", trouble?.since), .init("cuts", .number(cuts)),
      time("last_cut_ms", lastCut), time("remote_through_ms", remoteThrough),
    ]).text() + "\n"
  }

  /// Reads what `text` wrote; nil for anything else.
  init?(text: [UInt8]) {
    let value: JSONValue
    do { value = try JSONValue.parse(text, limits: JSONValue.Limits()) } catch { return nil }
    func time(_ key: String) -> Instant? { value[key]?.int64.map { Instant(milliseconds: $0) } }
    guard value["schema"]?.string == Self.format, let interval = value["interval_ms"]?.int64,
      let bytes = value["spool_bytes"]?.int64, let cuts = value["cuts"]?.int
    else { return nil }
    self.init(interval: .milliseconds(interval))
    (spoolBytes, self.cuts) = (bytes, cuts)
    (through, lastCut, remoteThrough) = (
      time("through_ms"), time("last_cut_ms"), time("remote_through_ms")
    )
    if let words = value["trouble"]?.string, let since = time("trouble_since_ms") {
      trouble = Trouble(words, since: since)
    }
  }
}

extension LogSpool {
  private var stateFile: String { "\(path)/state.json" }

  /// How the shipping stands; nil where nobody ships, or has told so yet.
  ///
  /// - Throws: exit 73 or 74 when the file cannot be read.
  public func state() throws(Fault) -> ShippingState? {
    guard access("\(path)/on", F_OK) == 0, access(stateFile, F_OK) == 0 else { return nil }
    return ShippingState(text: try InputFile.contents(stateFile, limit: ShippingState.maximumBytes))
  }

  /// Tells how the shipping stands.
  ///
  /// - Throws: exit 73 or 74 when the disk refuses.
  public func tell(_ state: ShippingState) throws(Fault) {
    try NewFile.write(state.text, to: stateFile)
  }

  /// How large the spool is, in bytes.
  ///
  /// - Throws: exit 73 or 74 when it cannot be read.
  public func bytes() throws(Fault) -> Int64 {
    var sum: Int64 = 0
    for number in try numbers() { sum += try bytes(number) }
    return sum
  }
}

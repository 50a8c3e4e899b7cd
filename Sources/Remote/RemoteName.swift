public import Domain
public import Store

/// The name of a copy at a remote: `S0121.20261129T213000Z.3f2a9c0d1b2c3d4e`, with which two objects begin.
///
/// It tells number, time and the first half of the frame's hash, so that a listing is enough to choose
/// one, and no two copies ever share a name: after a restore the numbers are given again.
public struct RemoteName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The snapshot's number.
  public var id: SnapshotID
  /// When it was taken, in whole seconds.
  public var taken: Instant
  /// The first sixteen digits of the frame's SHA-256.
  public var digest: String

  static let frameSuffix = ".db.zst.age"
  static let deltaSuffix = ".delta.zst.age"
  static let manifestSuffix = ".json.age"
  private static let digits = 16

  /// The name of a snapshot's copy.
  public init(_ snapshot: Snapshot) {
    id = snapshot.id
    taken = Instant(seconds: snapshot.taken.seconds)
    digest = String(snapshot.sha256.prefix(Self.digits))
  }

  /// Reads a name; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let id = SnapshotID(parts[0]), "\(id)" == parts[0],
      let taken = Self.time(Array(parts[1].utf8)), Self.isDigest(parts[2])
    else { return nil }
    (self.id, self.taken, digest) = (id, taken, String(parts[2]))
  }

  /// The text.
  public var description: String {
    "\(id).\(Self.text(taken)).\(digest)"
  }

  /// A time in whole seconds as names tell it: `20261129T213000Z`.
  static func text(_ time: Instant) -> String {
    time.description.filter { $0 != "-" && $0 != ":" }
  }

  /// Whether a text is the first half of a hash.
  static func isDigest(_ text: some StringProtocol) -> Bool {
    text.utf8.count == digits
      && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  /// Orders by time, since numbers are given again after a restore.
  public static func < (a: RemoteName, b: RemoteName) -> Bool {
    (a.taken, a.id.number, a.digest) < (b.taken, b.id.number, b.digest)
  }

  /// Reads such a time; nil for anything else.
  static func time(_ text: [UInt8]) -> Instant? {
    guard text.count == 16 else { return nil }
    func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
    return Instant(
      rfc3339: "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):"
        + part(13..<16))
  }
}

import Cryptography
import Disk
public import Domain
import Glibc

/// A generation of the shipped log as files, in the order in which they are of use: the base, its
/// description, the segments.
public struct ShippedGeneration: Hashable, Sendable {
  /// Its number here; after the loss of a machine numbers are given again.
  public var number: Int64
  /// When its base was taken.
  public var time: Instant
  /// The first sixteen digits of the SHA-256 of its base's description, which no other generation has.
  public var digest: String
  /// The folder that its files are in.
  public var folder: String
  /// The names of its files.
  public var files: [String]

  /// The name of the base's description, which makes a generation one.
  public static let description = "base.json"
  /// The name of the base.
  public static let base = "base.db.zst"
  private static let sentFile = "sent"

  /// When a file was shipped, by its name; nil for what is no segment.
  public static func time(ofSegment file: String) -> Instant? { LogSpool.Segment(file)?.time }

  /// How many of the files are at a remote, as was noted last; 0 for another remote.
  ///
  /// - Throws: exit 73 or 74 when it cannot be read.
  public func sent(to place: String) throws(Fault) -> Int {
    let path = "\(folder)/\(Self.sentFile)"
    guard access(path, F_OK) == 0 else { return 0 }
    let parts = String(decoding: try InputFile.contents(path, limit: 4096), as: UTF8.self)
      .split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[1] == "\(place)\n", let count = Int(parts[0]) else { return 0 }
    return min(max(0, count), files.count)
  }

  /// Notes how many of the files are at a remote.
  ///
  /// - Throws: exit 73 or 74 when the disk refuses.
  public func note(sent count: Int, to place: String) throws(Fault) {
    try NewFile.write("\(count) \(place)\n", to: "\(folder)/\(Self.sentFile)")
  }
}

extension LogSpool {
  /// A spool that was brought from elsewhere into a folder of its own.
  public init(folder: String) { path = folder }

  /// The generations that are whole, oldest first, as files.
  ///
  /// - Throws: exit 65 when a description is damaged.
  public func shipped() throws(Fault) -> [ShippedGeneration] {
    var shipped: [ShippedGeneration] = []
    for number in try generations() {
      let (base, sha256) = try base(number)
      shipped.append(
        ShippedGeneration(
          number: number, time: base.time, digest: String(sha256.prefix(16)),
          folder: folder(number),
          files: [ShippedGeneration.base, ShippedGeneration.description]
            + (try segments(number).map(\.name))))
    }
    return shipped
  }
}

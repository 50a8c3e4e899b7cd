public import Domain
import Store

/// The name of a generation of the shipped log at a remote: `L0003.20261129T213000Z.3f2a9c0d1b2c3d4e`, with
/// which all of its objects begin.
///
/// It tells number, time of the base, and the first half of the hash of the base's description, so that no
/// two generations ever share a name.
public struct LogName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The number that it has where it was shipped.
  public var number: Int64
  /// When its base was taken, in whole seconds.
  public var time: Instant
  /// The first sixteen digits of the SHA-256 of its base's description.
  public var digest: String

  static let suffix = ".age"

  init(_ generation: ShippedGeneration) {
    (number, digest) = (generation.number, generation.digest)
    time = Instant(seconds: generation.time.seconds)
  }

  /// Reads a name; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].hasPrefix("L"), let number = Int64(parts[0].dropFirst()),
      number > 0, let time = RemoteName.time(Array(parts[1].utf8)),
      RemoteName.isDigest(parts[2])
    else { return nil }
    (self.number, self.time, digest) = (number, time, String(parts[2]))
    guard description == text else { return nil }
  }

  /// The text.
  public var description: String {
    let digits = String(number)
    let zeros = String(repeating: "0", count: max(0, 4 - digits.utf8.count))
    return "L\(zeros)\(digits).\(RemoteName.text(time)).\(digest)"
  }

  /// Orders by time, since numbers are given again after a loss.
  public static func < (a: LogName, b: LogName) -> Bool {
    (a.time, a.number, a.digest) < (b.time, b.number, b.digest)
  }

  /// The name of the object of a file.
  func object(_ file: String) -> String { "\(self).\(file)\(Self.suffix)" }

  /// The generation and the file of an object; nil for what is none of a log.
  static func parts(of object: String) -> (name: LogName, file: String)? {
    let parts = object.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, parts[3].hasSuffix(suffix),
      let name = LogName(parts[..<3].joined(separator: "."))
    else { return nil }
    let file = String(parts[3].dropLast(suffix.utf8.count))
    guard
      file == ShippedGeneration.base || file == ShippedGeneration.description
        || ShippedGeneration.time(ofSegment: file) != nil
    else { return nil }
    return (name, file)
  }
}

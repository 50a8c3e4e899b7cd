/// The name of a process in the ledger: random, so that it is never used again, unlike a pid (which
/// is 1 in every container).
public struct HolderID: Hashable, Sendable, CustomStringConvertible {
  /// 32 hexadecimal digits.
  public let text: String

  /// A new name.
  public static func random() -> HolderID {
    var generator = SystemRandomNumberGenerator()
    let digits = (0..<2).map { _ in
      let hex = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - hex.utf8.count) + hex
    }
    return HolderID(text: digits.joined())
  }

  /// The name with this text; nil unless it is 32 lower-case hexadecimal digits, so that a name
  /// from the database can never lead out of the folder of locks.
  public init?(_ text: String) {
    guard text.utf8.count == 32,
      text.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) })
    else { return nil }
    self.text = text
  }

  private init(text: String) { self.text = text }

  /// 32 hexadecimal digits.
  public var description: String { text }
}

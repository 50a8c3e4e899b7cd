/// The name of a snapshot: `S0121`.
public struct SnapshotID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The number, from 1.
  public let number: Int64

  /// The name of a number.
  public init(number: Int64) { self.number = number }

  /// Reads `S0121`, in either case, with any number of zeros; nil for anything else.
  public init?(_ text: some StringProtocol) {
    guard let first = text.first, first == "S" || first == "s",
      text.utf8.dropFirst().allSatisfy({ $0 >= 48 && $0 <= 57 }),
      let number = Int64(text.dropFirst()), number > 0
    else { return nil }
    self.number = number
  }

  /// The one after this.
  public var next: SnapshotID { SnapshotID(number: number + 1) }

  /// Orders by number.
  public static func < (a: SnapshotID, b: SnapshotID) -> Bool { a.number < b.number }

  /// `S0121`: four digits, or as many as it takes.
  public var description: String {
    let digits = String(number)
    return "S" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }
}

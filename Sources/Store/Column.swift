import Domain
import GRDB

// How nouns of the domain stand in columns: instants as INTEGER milliseconds, amounts as canonical
// decimal TEXT, names as TEXT. STRICT tables guarantee the storage class, so only the text is
// checked here.

extension Row {
  func instant(_ column: String) -> Instant { Instant(milliseconds: self[column]) }

  func instantIfAny(_ column: String) -> Instant? {
    (self[column] as Int64?).map(Instant.init(milliseconds:))
  }

  func amount(_ column: String) throws -> Amount {
    try parsed(column) { Amount($0) }
  }

  func amountIfAny(_ column: String) throws -> Amount? {
    (self[column] as String?) == nil ? nil : try amount(column)
  }

  func symbol(_ column: String = "symbol") throws -> Symbol { try parsed(column) { Symbol($0) } }

  func job(_ column: String = "job") throws -> JobName { try parsed(column) { JobName($0) } }

  func slot() throws -> Slot { Slot(job: try job(), time: instant("slot")) }

  /// A value of an enumeration that is stored as its raw text.
  func value<E: RawRepresentable>(_ column: String) throws -> E where E.RawValue == String {
    try parsed(column) { E(rawValue: $0) }
  }

  func valueIfAny<E: RawRepresentable>(_ column: String) throws -> E? where E.RawValue == String {
    (self[column] as String?) == nil ? nil : try value(column)
  }

  private func parsed<T>(_ column: String, _ parse: (String) -> T?) throws -> T {
    let text: String = self[column]
    guard let value = parse(text) else {
      throw Fault.unreadable(column: column, as: T.self)
    }
    return value
  }
}

extension Fault {
  /// A column does not hold what Carillon writes there.
  static func unreadable<T>(column: String, as type: T.Type) -> Fault {
    Fault(
      "read the database", "column `\(column)`", cause: "it does not hold a \(type)",
      remedy: "the file was changed by hand or is damaged: carillon snapshot restore", exit: .data)
  }
}

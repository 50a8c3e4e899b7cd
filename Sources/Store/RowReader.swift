import Domain
import GRDB
import GRDBSQLite

/// The values of one row, taken one after the other in the order in which the statement names them.
///
/// A row of GRDB's looks each column up by its name, in lower case, at each access: with the ledger's
/// short statements that was a third of what a rebalance cost. STRICT tables guarantee the storage
/// class, so only the text is checked here.
struct RowReader {
  private let statement: OpaquePointer
  private var next: Int32 = 0

  fileprivate init(_ statement: OpaquePointer) { self.statement = statement }

  private mutating func column() -> Int32 {
    defer { next += 1 }
    return next
  }

  /// Whether the next value is NULL; it is passed over if so.
  private mutating func isNull() -> Bool {
    guard sqlite3_column_type(statement, next) == SQLITE_NULL else { return false }
    next += 1
    return true
  }

  mutating func int64() -> Int64 { sqlite3_column_int64(statement, column()) }

  mutating func int64IfAny() -> Int64? { isNull() ? nil : int64() }

  mutating func int() -> Int { Int(int64()) }

  mutating func doubleIfAny() -> Double? {
    isNull() ? nil : sqlite3_column_double(statement, column())
  }

  mutating func instant() -> Instant { Instant(milliseconds: int64()) }

  mutating func instantIfAny() -> Instant? { isNull() ? nil : instant() }

  mutating func text() throws -> String {
    try parsed { String(decoding: $0, as: UTF8.self) }
  }

  mutating func textIfAny() throws -> String? { isNull() ? nil : try text() }

  mutating func amount() throws -> Amount { try parsed { Amount(utf8: $0) } }

  mutating func amountIfAny() throws -> Amount? { isNull() ? nil : try amount() }

  mutating func symbol() throws -> Symbol {
    try parsed { Symbol(String(decoding: $0, as: UTF8.self)) }
  }

  /// A slot: its job and its time, in two columns.
  mutating func slot() throws -> Slot {
    let job = try parsed { JobName(String(decoding: $0, as: UTF8.self)) }
    return Slot(job: job, time: instant())
  }

  /// A value of an enumeration that is stored as its raw text.
  mutating func value<E: RawRepresentable>() throws -> E where E.RawValue == String {
    try parsed { E(rawValue: String(decoding: $0, as: UTF8.self)) }
  }

  mutating func valueIfAny<E: RawRepresentable>() throws -> E? where E.RawValue == String {
    isNull() ? nil : try value()
  }

  private mutating func parsed<T>(
    _ parse: (UnsafeBufferPointer<UInt8>) -> T?
  ) throws -> T {
    let column = column()
    if let start = sqlite3_column_text(statement, column) {
      let count = Int(sqlite3_column_bytes(statement, column))
      if let value = parse(UnsafeBufferPointer(start: start, count: count)) { return value }
    }
    let name = sqlite3_column_name(statement, column).map { String(cString: $0) } ?? "\(column)"
    throw Fault.unreadable(column: name, as: T.self)
  }
}

extension HotStatement {
  /// The row that was stepped to.
  var row: RowReader { RowReader(handle) }

  /// Gives the parameters their values, in order.
  func bind<each Value: BoundValue>(all values: repeat each Value) {
    let count = bind(from: 0, repeat each values)
    precondition(
      count == sqlite3_bind_parameter_count(handle), "a statement has a value for each parameter")
  }

  /// Gives the parameters behind so many their values, in order.
  ///
  /// - Returns: how many parameters have values by then.
  @discardableResult
  func bind<each Value: BoundValue>(from start: Int32, _ values: repeat each Value) -> Int32 {
    var index = start
    for value in repeat each values {
      index += 1
      value.bind(to: handle, at: index)
    }
    return index
  }
}

extension Database {
  /// Runs a statement for its effect; it is compiled once for each connection.
  ///
  /// - Returns: how many rows it changed.
  @discardableResult
  func run<each Value: BoundValue>(_ sql: String, _ values: repeat each Value) throws -> Int {
    let statement = try HotStatement(self, sql)
    statement.bind(all: repeat each values)
    return try statement.run()
  }

  /// The rows of a statement, which is compiled once for each connection. The body runs no statement.
  func rows<T, each Value: BoundValue>(
    _ sql: String, _ values: repeat each Value, read: (inout RowReader) throws -> T
  ) throws -> [T] {
    let statement = try HotStatement(self, sql)
    statement.bind(all: repeat each values)
    var rows: [T] = []
    while try statement.step() {
      var row = statement.row
      rows.append(try read(&row))
    }
    return rows
  }

  /// The first row of a statement, likewise.
  func row<T, each Value: BoundValue>(
    _ sql: String, _ values: repeat each Value, read: (inout RowReader) throws -> T
  ) throws -> T? {
    let statement = try HotStatement(self, sql)
    statement.bind(all: repeat each values)
    guard try statement.step() else { return nil }
    var row = statement.row
    return try read(&row)
  }
}

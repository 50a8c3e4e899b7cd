import Domain
import GRDBSQLite

/// A value that goes straight to SQLite's C interface, as it stands in a column: instants as
/// milliseconds, amounts as canonical decimals, names as text.
protocol BoundValue {
  /// Makes it the value of a parameter.
  func bind(to statement: OpaquePointer, at index: Int32)
}

extension Int64: BoundValue {
  func bind(to statement: OpaquePointer, at index: Int32) {
    sqlite3_bind_int64(statement, index, self)
  }
}

extension Int: BoundValue {
  func bind(to statement: OpaquePointer, at index: Int32) {
    sqlite3_bind_int64(statement, index, Int64(self))
  }
}

extension Bool: BoundValue {
  func bind(to statement: OpaquePointer, at index: Int32) {
    sqlite3_bind_int64(statement, index, self ? 1 : 0)
  }
}

extension Double: BoundValue {
  func bind(to statement: OpaquePointer, at index: Int32) {
    sqlite3_bind_double(statement, index, self)
  }
}

extension String: BoundValue {
  func bind(to statement: OpaquePointer, at index: Int32) {
    // SQLITE_TRANSIENT, a cast that does not import: SQLite copies what lives only in this call.
    let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    var text = self
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        // An empty text may have no address, and none would be NULL.
        let start = characters.isEmpty ? nil : characters.baseAddress
        guard let start else {
          sqlite3_bind_text(statement, index, "", 0, copies)
          return
        }
        sqlite3_bind_text(statement, index, start, Int32(characters.count), copies)
      }
    }
  }
}

extension Optional: BoundValue where Wrapped: BoundValue {
  func bind(to statement: OpaquePointer, at index: Int32) {
    if let self { self.bind(to: statement, at: index) } else { sqlite3_bind_null(statement, index) }
  }
}

extension Amount: BoundValue {
  func bind(to statement: OpaquePointer, at index: Int32) {
    description.bind(to: statement, at: index)
  }
}

extension Instant: BoundValue {
  func bind(to statement: OpaquePointer, at index: Int32) {
    milliseconds.bind(to: statement, at: index)
  }
}

extension Symbol: BoundValue {
  func bind(to statement: OpaquePointer, at index: Int32) {
    description.bind(to: statement, at: index)
  }
}

extension JobName: BoundValue {
  func bind(to statement: OpaquePointer, at index: Int32) { text.bind(to: statement, at: index) }
}

extension ClientOrderID: BoundValue {
  func bind(to statement: OpaquePointer, at index: Int32) { text.bind(to: statement, at: index) }
}

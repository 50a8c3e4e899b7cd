import Domain

/// The bytes of a model file under the name that the user gave it, and the complaints about them.
struct ModelSource {
  /// The largest file that is read.
  static let maximumBytes = 256 * 1024 * 1024
  /// The most features that a model may have.
  static let maximumFeatures = 100_000
  /// The most raw scores that a model may have.
  static let maximumOutputs = 10_000

  let file: String
  let bytes: [UInt8]
  /// Whether places are told by byte: the text is part of a file that has no lines.
  var isBinary = false

  /// A complaint about the file as a whole.
  func fault(_ cause: String, remedy: String? = nil) -> Fault {
    Fault("load the model", file, cause: cause, remedy: remedy, exit: .data)
  }

  /// A complaint about a place in a text.
  func fault(line: Int, column: Int, _ cause: String, remedy: String? = nil) -> Fault {
    if isBinary { return self.fault(byte: offset(line, column), cause, remedy: remedy) }
    var fault = fault(cause, remedy: remedy)
    fault.location = SourceLocation(file: file, line: line, column: column)
    return fault
  }

  /// The byte at a place in the text.
  private func offset(_ line: Int, _ column: Int) -> Int {
    var start = 0
    for _ in 1..<max(1, line) {
      start = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? start
    }
    var left = column
    for index in start..<bytes.count where bytes[index] & 0xC0 != 0x80 {
      left -= 1
      if left == 0 { return index }
    }
    return bytes.count
  }

  /// A complaint about a byte of a text, told by line and column.
  func fault(at offset: Int, _ cause: String, remedy: String? = nil) -> Fault {
    var line = 1
    var column = 1
    for byte in bytes[0..<min(max(offset, 0), bytes.count)] {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return fault(line: line, column: column, cause, remedy: remedy)
  }

  /// A complaint about a byte of a file that has no lines.
  func fault(byte offset: Int, _ cause: String, remedy: String? = nil) -> Fault {
    fault("at byte \(offset): \(cause)", remedy: remedy)
  }
}

import Disk
import Domain

/// Where a command writes many lines: standard output, or a file that appears under its name only
/// when it is whole.
struct ExportFile: ~Copyable {
  private var file: NewFile?
  private var text = ""

  /// What is written is handed over in pieces of about this size.
  private static let pieceBytes = 1 << 20

  /// Standard output where `path` is nil or `-`.
  ///
  /// - Throws: exit 73 when the file cannot be made.
  init(_ path: String?) throws(Fault) {
    if let path, path != "-" { file = try NewFile(path, for: .everybody) }
  }

  /// Appends text.
  ///
  /// - Throws: exit 74 when the disk refuses.
  mutating func write(_ more: String) throws(Fault) {
    text += more
    if text.utf8.count > Self.pieceBytes { try flush() }
  }

  /// Writes what is left, and puts the file under its name.
  mutating func commit() throws(Fault) {
    try flush()
    try file?.commit()
  }

  private mutating func flush() throws(Fault) {
    defer { text = "" }
    guard file != nil else {
      Console.out(whole: text)
      return try StandardOutput.check()
    }
    try file?.write(Array(text.utf8))
  }
}

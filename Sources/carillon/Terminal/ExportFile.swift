import Domain
import Glibc

/// Where a command writes many lines: standard output, or a file that appears under its name only
/// when it is whole.
struct ExportFile: ~Copyable {
  private let path: String?
  private let temporary: String
  private let file: UnsafeMutablePointer<FILE>?
  private var text = ""
  private var isCommitted = false

  /// Standard output is written in pieces of about this size.
  private static let pieceBytes = 1 << 20

  /// Standard output where `path` is nil or `-`.
  ///
  /// - Throws: exit 73 when the file cannot be made.
  init(_ path: String?) throws(Fault) {
    let path = path == "-" ? nil : path
    self.path = path
    temporary = (path ?? "") + ".new"
    guard let path else {
      file = nil
      return
    }
    file = fopen(temporary, "wbe")
    guard file != nil else {
      let cause = String(cString: strerror(errno))
      throw Fault(
        "write", path, cause: cause, remedy: "choose another place", exit: .cannotCreate)
    }
  }

  deinit {
    guard let file else { return }
    fclose(file)
    if !isCommitted { unlink(temporary) }
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
    guard let path, let file else { return }
    guard fflush(file) == 0, fsync(fileno(file)) == 0, rename(temporary, path) == 0 else {
      throw failure()
    }
    isCommitted = true
  }

  private mutating func flush() throws(Fault) {
    defer { text = "" }
    guard let file else {
      Console.out(whole: text)
      return try StandardOutput.check()
    }
    let count = text.utf8.count
    let written = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) }
    guard written == count else { throw failure() }
  }

  private func failure() -> Fault {
    Fault(
      "write", path ?? "standard output", cause: String(cString: strerror(errno)),
      remedy: "free space there, or name another file", exit: .io)
  }
}

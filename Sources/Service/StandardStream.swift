import Glibc

/// Standard output and standard error, written whole and at once.
public enum StandardStream: Int32, Sendable {
  /// Data.
  case output = 1
  /// Talk.
  case error = 2

  /// Writes a line. A stream that nobody reads any more loses it, as every program's does.
  public func write(line: String) { write(text: line + "\n") }

  /// Writes a text as it is.
  public func write(text: String) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  /// Writes bytes as they are.
  public func write(bytes: [UInt8]) {
    bytes.withUnsafeBytes { write($0) }
  }

  private func write(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      let count = Glibc.write(rawValue, start, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  /// Whether it is a terminal.
  public var isTerminal: Bool { isatty(rawValue) == 1 }
}

import CLinux
import Glibc
import Synchronization

/// Standard output and standard error, written whole and at once.
public enum StandardStream: Int32, Sendable {
  /// Data.
  case output = 1
  /// Talk.
  case error = 2

  /// How long a write waits at most for who reads, in milliseconds; negative: as long as it takes. Who
  /// must end, whoever reads, sets it.
  private static let patience = Atomic<Int32>(-1)

  /// Writes of this process wait so long at most from now on; what is not taken by then is lost.
  public static func limitWaits(toMilliseconds limit: Int32) {
    patience.store(limit, ordering: .relaxed)
  }

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
    let limit = Self.patience.load(ordering: .relaxed)
    while let start = rest.baseAddress, !rest.isEmpty {
      var size = rest.count
      if limit >= 0 {
        var polled = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        guard poll(&polled, 1, limit) > 0 else { return }
        // So much a pipe that polls as ready takes without waiting (PIPE_BUF).
        size = min(size, 4096)
      }
      let count = Glibc.write(rawValue, start, size)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  /// Whether it is a terminal.
  public var isTerminal: Bool { isatty(rawValue) == 1 }
}

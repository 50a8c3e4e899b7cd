import CLinux
public import Domain
import Glibc
import Synchronization

/// Writes the lines of a log on a thread of its own, so that nobody who logs ever waits for who reads: a
/// terminal that was stopped, a pager, a log driver that stalls.
///
/// What waits is bounded. Lines for which there is no room are dropped and counted, and the count is
/// told as soon as somebody reads again.
public final class LogPump: Sendable {
  /// So much waits at most.
  public static let limitBytes = 1 << 20

  private struct State {
    var lines: [String] = []
    var bytes = 0
    var dropped = 0
    var isWriting = false
  }

  private let state = Mutex(State())
  private let descriptor: Int32
  private let event: Int32
  private let tellDropped: @Sendable (Int) -> String

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - descriptor: where the lines go; written to for as long as the process lives.
  ///   - tellDropped: the line that tells how many were dropped.
  /// - Throws: exit 69 when the system has no room for a thread.
  public init(
    to descriptor: Int32, tellDropped: @escaping @Sendable (Int) -> String
  ) throws(Fault) {
    self.descriptor = descriptor
    self.tellDropped = tellDropped
    event = eventfd(0, Int32(EFD_CLOEXEC))
    guard event >= 0 else {
      throw Fault(
        "start", "the log", cause: String(cString: strerror(errno)),
        remedy: "raise the limit of open files (ulimit -n)", exit: .unavailable)
    }
    try PlainThread { [self] in
      carillon_name_thread("log")
      run()
    }
  }

  /// A pump to a standard stream.
  public convenience init(
    to stream: StandardStream, tellDropped: @escaping @Sendable (Int) -> String
  ) throws(Fault) {
    try self.init(to: stream.rawValue, tellDropped: tellDropped)
  }

  /// Adds a line, or drops it where there is no room. Never waits.
  public func add(_ line: String) {
    let size = line.utf8.count + 1
    let isFirst = state.withLock { state in
      // While lines are being dropped, all are: what is told stays in order.
      guard state.dropped == 0, state.bytes + size <= Self.limitBytes else {
        state.dropped += 1
        return false
      }
      state.lines.append(line)
      state.bytes += size
      return true
    }
    guard isFirst else { return }
    var one: UInt64 = 1
    _ = Glibc.write(event, &one, 8)
  }

  /// Waits until all is written, or for so long: at the end of the process.
  public func flush(for limit: TimeSpan) {
    let pause = TimeSpan.milliseconds(5)
    var waited = TimeSpan.zero
    while waited < limit, state.withLock({ $0.isWriting || !$0.lines.isEmpty || $0.dropped > 0 }) {
      SystemTime.block(for: pause)
      waited = waited + pause
    }
  }

  private func run() {
    while true {
      var count: UInt64 = 0
      guard read(event, &count, 8) == 8 else { continue }
      while let text = next() { write(text) }
    }
  }

  /// The lines that wait, as one text; nil when none do.
  private func next() -> String? {
    state.withLock { state in
      state.isWriting = !state.lines.isEmpty || state.dropped > 0
      guard state.isWriting else { return nil }
      // The count is told behind what was kept, which came first.
      if state.lines.isEmpty {
        state.lines = [tellDropped(state.dropped)]
        state.dropped = 0
      }
      let text = state.lines.joined(separator: "\n") + "\n"
      (state.lines, state.bytes) = ([], 0)
      return text
    }
  }

  private func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(descriptor, start, rest.count)
        if count < 0, errno == EINTR { continue }
        if count < 0, errno == EAGAIN {
          var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&polled, 1, 1000)
          continue
        }
        // A stream that is closed loses its lines, as every program's does.
        guard count > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
    }
  }
}

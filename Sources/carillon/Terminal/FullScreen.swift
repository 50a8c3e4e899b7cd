import Domain
import Glibc
import Service
import Synchronization

/// A terminal that a command has to itself for a while: the alternate screen, without a cursor, keys read
/// as they are pressed. Whatever ends the command, the terminal is as it was.
final class FullScreen {
  private var before = termios()
  /// Whether the command was told to end. A global, since a C handler captures nothing.
  private static let isEnded = Atomic<Bool>(false)

  /// What ended a wait.
  enum Event {
    /// A key.
    case key(UInt8)
    /// The size has changed.
    case resized
    /// The time is over.
    case timeout
    /// The terminal is gone, or the command is to end.
    case ended
  }

  /// Takes the terminal; nil where standard input or output is none.
  init?() {
    guard StandardStream.output.isTerminal, tcgetattr(STDIN_FILENO, &before) == 0 else {
      return nil
    }
    // A wait is cut short by a signal that has a handler; a change of size needs no more than that.
    signal(SIGWINCH) { _ in }
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { _ in FullScreen.isEnded.store(true, ordering: .relaxed) }
    }
    var raw = before
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
    tcsetattr(STDIN_FILENO, TCSANOW, &raw)
    Console.out(whole: "\u{1B}[?1049h\u{1B}[?25l")
  }

  /// Gives the terminal back.
  func leave() {
    Console.out(whole: "\u{1B}[?25h\u{1B}[?1049l")
    tcsetattr(STDIN_FILENO, TCSANOW, &before)
  }

  /// The rows of the terminal; 24 where it does not tell.
  var rows: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return 24 }
    return Int(size.ws_row)
  }

  /// Shows lines: each over what stood there, so that nothing flickers; what does not fit below is told
  /// in the last row.
  func show(_ lines: [String]) {
    let rows = rows
    var shown = lines
    if lines.count > rows {
      shown = lines.prefix(rows - 1) + ["… \(lines.count - rows + 1) more lines; q quits"]
    }
    let text = shown.map { "\($0)\u{1B}[K" }.joined(separator: "\r\n")
    Console.out(whole: "\u{1B}[H\(text)\u{1B}[J")
  }

  /// Waits for a key, a change of size, or the end of a span.
  func wait(for span: TimeSpan) -> Event {
    var polled = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    let count = poll(&polled, 1, Int32(clamping: span.milliseconds))
    if Self.isEnded.load(ordering: .relaxed) { return .ended }
    guard count > 0 else { return count < 0 && errno == EINTR ? .resized : .timeout }
    var key: UInt8 = 0
    return read(STDIN_FILENO, &key, 1) == 1 ? .key(key) : .ended
  }
}

import Domain
import Glibc
import Service
import Synchronization

/// Standard output: the one door for a command's data. Each write and the close are checked, and a
/// command whose output is lost ends with 74 and a line, however much of its work was done.
enum StandardOutput {
  private struct State {
    /// The error of the first write that failed; nothing is written after it.
    var failure: Int32?
    var hasWritten = false
    var outlivesReaders = false
  }

  private static let state = Mutex(State())
  private static let descriptor = StandardStream.output.rawValue

  /// Writes bytes at once. What follows a failed write is dropped, until `check` or `close` tells.
  ///
  /// A reader that went away (`| head`) ends a command that only reads, quietly.
  static func write(_ bytes: UnsafeRawBufferPointer) {
    let isEnd = state.withLock { state -> Bool in
      var rest = bytes
      state.hasWritten = state.hasWritten || !rest.isEmpty
      while state.failure == nil, let start = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(descriptor, start, rest.count)
        if count < 0, errno == EINTR { continue }
        if count < 0, errno == EAGAIN {
          awaitRoom()
        } else if count < 0 {
          state.failure = errno
        } else {
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
      }
      return state.failure == EPIPE && !state.outlivesReaders
    }
    if isEnd { Glibc._exit(ExitCode.cut(by: SIGPIPE)) }
  }

  /// Lets the command do its work to the end although its reader goes away: for commands that change
  /// something. What cannot be written then is lost without a word, as the reader wanted.
  static func outliveReaders() {
    state.withLock { $0.outlivesReaders = true }
    signal(SIGPIPE, SIG_IGN)
  }

  /// Whether all that was written has arrived, for loops that would go on for nobody.
  ///
  /// - Throws: exit 74.
  static func check() throws(Fault) {
    if let failure = state.withLock({ $0.failure }), failure != EPIPE { throw fault(failure) }
  }

  /// Closes it, since some file systems tell only then that there is no room.
  ///
  /// - Throws: exit 74 when anything that was written is lost.
  static func close() throws(Fault) {
    try check()
    let hasWritten = state.withLock { $0.hasWritten }
    guard Glibc.close(descriptor) == 0 || errno == EINTR || (errno == EBADF && !hasWritten) else {
      throw fault(errno)
    }
  }

  /// Waits until a pipe or terminal that is set not to block takes more.
  private static func awaitRoom() {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = poll(&entry, 1, -1)
  }

  private static func fault(_ code: Int32) -> Fault {
    Fault(
      "write", "standard output", cause: String(cString: strerror(code)),
      remedy: code == ENOSPC ? "free space there, or write to another place" : nil, exit: .io)
  }
}

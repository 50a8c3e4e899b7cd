import CLinux
import Glibc
import Synchronization

/// The signals that `carillon run` answers, turned into reads of a file descriptor.
///
/// A handler may call only what is safe in a signal handler, so it writes one byte, the signal's
/// number, into a pipe that the loop polls. A global holds the pipe because a C handler captures
/// nothing.
enum Signals {
  private static let pipe = Atomic<Int64>(-1)  // both ends, read in the high half

  /// Installs handlers for SIGTERM, SIGINT and SIGHUP and ignores SIGPIPE. Returns the descriptor
  /// to poll, which stays open for the life of the process.
  static func install() -> Int32 {
    let present = pipe.load(ordering: .acquiring)
    if present >= 0 { return Int32(present >> 32) }
    var ends: [Int32] = [0, 0]
    precondition(carillon_pipe(&ends) == 0, "pipe failed with errno \(errno)")
    pipe.store(Int64(ends[0]) << 32 | Int64(ends[1]), ordering: .releasing)
    for number in [SIGTERM, SIGINT, SIGHUP] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = forward
      action.sa_flags = SA_RESTART
      precondition(sigaction(number, &action, nil) == 0, "sigaction failed with errno \(errno)")
    }
    signal(SIGPIPE, SIG_IGN)
    return ends[0]
  }

  /// The signals that have arrived since the last call, in order.
  static func pending(_ descriptor: Int32) -> [Int32] {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(descriptor, &bytes, bytes.count)
    return count > 0 ? bytes.prefix(count).map(Int32.init) : []
  }

  private static let forward: @convention(c) (Int32) -> Void = { number in
    let saved = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(
      Int32(truncatingIfNeeded: Signals.pipe.load(ordering: .relaxed) & 0xffff_ffff), &byte, 1)
    errno = saved
  }
}

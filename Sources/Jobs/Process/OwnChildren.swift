import CLinux
import Glibc
import Synchronization

/// The child processes that somebody in this process waits for by their number.
///
/// As process 1 of a container, Carillon also becomes the parent of every orphan in it, and nobody
/// else will ever wait for those. `reapOrphans` does, and leaves our own to who started them.
public enum OwnChildren {
  private static let pids = Mutex<Set<pid_t>>([])

  /// Starts a child; it counts as our own before anybody can see that it ended.
  static func start(_ body: () -> pid_t) -> pid_t {
    pids.withLock { pids in
      let pid = body()
      if pid > 0 { pids.insert(pid) }
      return pid
    }
  }

  /// Waits for the end of a child of our own.
  static func reap(_ pid: pid_t) {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    release(pid)
  }

  /// Gives up a child: it ends when it ends, and `reapOrphans` buries it.
  static func release(_ pid: pid_t) { pids.withLock { _ = $0.remove(pid) } }

  /// Waits for all children that have ended and are nobody's: never blocks, and never takes the
  /// status of one that is waited for.
  ///
  /// - Returns: how many there were.
  @discardableResult
  public static func reapOrphans() -> Int {
    pids.withLock { pids in
      var count = 0
      while true {
        var info = siginfo_t()
        // A look without taking. It shows the same child until that is reaped: behind one of our own,
        // the next look goes on.
        guard waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 else { return count }
        let pid = carillon_child(&info)
        guard pid > 0, !pids.contains(pid) else { return count }
        var status: Int32 = 0
        waitpid(pid, &status, WNOHANG)
        count += 1
      }
    }
  }
}

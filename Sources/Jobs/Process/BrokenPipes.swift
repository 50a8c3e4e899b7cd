import Glibc

/// Keeps SIGPIPE from this thread while it writes into pipes whose readers may go: they are told by
/// EPIPE instead. Begin and end on the same thread.
struct BrokenPipes {
  private var before = sigset_t()
  private let wasPending: Bool

  init() {
    wasPending = Self.isPending()
    var pipe = Self.set()
    pthread_sigmask(SIG_BLOCK, &pipe, &before)
  }

  /// Lets the signal come again; those that came meanwhile are forgotten.
  func end() {
    if !wasPending, Self.isPending() {
      var pipe = Self.set()
      var none = timespec()
      _ = sigtimedwait(&pipe, nil, &none)
    }
    var before = before
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  private static func set() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGPIPE)
    return set
  }

  private static func isPending() -> Bool {
    var pending = sigset_t()
    sigpending(&pending)
    return sigismember(&pending, SIGPIPE) == 1
  }
}

import CLinux
import Domain

/// What the kernel says of its own clock.
enum KernelClock: Hashable {
  /// Something keeps it right, and this is how wrong it may be.
  case synchronised(within: TimeSpan)
  /// Nothing does.
  case free
  /// The kernel does not tell: a sandbox forbids to ask.
  case untold

  /// Asks.
  static func read() -> KernelClock {
    var microseconds: Int64 = 0
    switch carillon_clock_state(&microseconds) {
    case 1: return .synchronised(within: .milliseconds(microseconds / 1000))
    case 0: return .free
    default: return .untold
    }
  }

  /// Whether it vouches for its clock.
  var isSynchronised: Bool {
    if case .synchronised = self { true } else { false }
  }
}

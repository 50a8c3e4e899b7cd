import Domain
import Service
import Synchronization

/// Shows how far a long command is, on a terminal only, and only after a second.
final class ProgressBar: Sendable {
  private struct State {
    var percent = -1
    var isShown = false
  }

  private static let patience = TimeSpan.seconds(1)
  private static let widthCharacters = 32

  private let began = SystemTime().uptime
  private let state = Mutex(State())

  /// Shows that a part (0 to 1) of something is done.
  func show(_ name: String, _ part: Double) {
    guard StandardStream.error.isTerminal else { return }
    let percent = Int(part * 100)
    let isNew = state.withLock { state in
      guard percent != state.percent, SystemTime().uptime - began > Self.patience else {
        return false
      }
      state.percent = percent
      state.isShown = true
      return true
    }
    guard isNew else { return }
    let done = Int(part * Double(Self.widthCharacters))
    let bar =
      String(repeating: "█", count: done)
      + String(repeating: "░", count: Self.widthCharacters - done)
    StandardStream.error.write(text: "\r\(bar) \(percent)% \(name) ")
  }

  /// Takes the bar away.
  func clear() {
    guard state.withLock({ $0.isShown }) else { return }
    StandardStream.error.write(text: "\r\u{1B}[K")
  }
}

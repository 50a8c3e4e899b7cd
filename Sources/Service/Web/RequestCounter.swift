import Domain
import Synchronization

/// How many requests were answered, by route and status: only routes that there are, so that nobody
/// can make metrics grow by asking for paths.
final class RequestCounter: Sendable {
  /// A route and a status.
  struct Key: Hashable, Comparable, Sendable {
    var route: String
    var code: Int

    static func < (a: Key, b: Key) -> Bool { (a.route, a.code) < (b.route, b.code) }
  }

  private let state = Mutex(State())

  private struct State {
    var counts: [Key: Int] = [:]
    var durations: [String: Histogram] = [:]
  }

  /// One more, and how long its answer took, where that is known.
  func add(_ route: String, _ code: Int, took span: TimeSpan? = nil) {
    state.withLock { state in
      state.counts[Key(route: route, code: code), default: 0] += 1
      guard let span else { return }
      let none = Histogram(boundsMilliseconds: Histogram.answerBoundsMilliseconds)
      state.durations[route, default: none].observe(span)
    }
  }

  /// All counts.
  var all: [Key: Int] { state.withLock { $0.counts } }

  /// How long answers took, by route.
  var durations: [String: Histogram] { state.withLock { $0.durations } }
}

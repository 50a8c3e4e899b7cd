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

  private let counts = Mutex<[Key: Int]>([:])

  /// One more.
  func add(_ route: String, _ code: Int) {
    counts.withLock { $0[Key(route: route, code: code), default: 0] += 1 }
  }

  /// All counts.
  var all: [Key: Int] { counts.withLock { $0 } }
}

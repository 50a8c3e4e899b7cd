import Domain

/// The life of a run as a table: which state may follow which. A run without a row has none.
enum RunTransition {
  /// From a state (nil: no row yet) to each that may follow it.
  static let followers: [RunState?: Set<RunState>] = [
    nil: [.running, .deferred, .skipped, .coalesced, .missed],
    .running: [.succeeded, .failed, .timedOut, .skipped, .deferred, .interrupted],
    .deferred: [.running, .failed, .skipped, .coalesced, .missed],
    .interrupted: [.running, .failed, .skipped, .coalesced, .missed],
  ]

  /// Whether a run may pass from one state to another. Only force leads out of a final state, and
  /// only to another attempt.
  static func isLegal(from: RunState?, to: RunState, force: Bool = false) -> Bool {
    if let from, from.isFinal { return force && to == .running }
    return followers[from]?.contains(to) ?? false
  }
}

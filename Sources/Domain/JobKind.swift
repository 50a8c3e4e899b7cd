/// The built-in kinds of job. A job's kind is its name unless `job:` in the schedules file says
/// otherwise.
public enum JobKind: String, CaseIterable, Sendable, CustomStringConvertible {
  /// Fetches closed candles from a source into the database.
  case fetch
  /// Turns new candles into feature rows.
  case compute
  /// Turns feature rows into scores.
  case infer
  /// Turns scores into targets, a plan, orders and fills.
  case rebalance
  /// Takes a verified, compressed copy of the database.
  case snapshot
  /// Drops what is old and nobody refers to.
  case prune
  /// Tells how the accounts did.
  case report
  /// Runs a program.
  case command

  /// The name as the schedules file spells it.
  public var description: String { rawValue }

  /// Whether jobs of this kind send orders, which makes late runs dangerous.
  public var placesOrders: Bool { self == .rebalance }

  /// Whether each step of a run is committed on its own, and a restart continues from the last one: its
  /// effects leave the database, or are too many for one transaction.
  public var touchesWorld: Bool {
    switch self {
    case .rebalance, .snapshot, .prune, .report, .command: true
    case .fetch, .compute, .infer: false
    }
  }
}

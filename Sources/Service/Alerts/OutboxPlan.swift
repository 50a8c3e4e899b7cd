public import Domain
public import Settings
public import Store

/// Decides what goes through a channel next: a value that is told what waits, and says to send it, to
/// wait, or to give something up.
public enum OutboxPlan {
  /// What to do.
  public enum Step: Hashable, Sendable {
    /// Send this one.
    case send(DeliveryRecord)
    /// Nothing before then.
    case wait(until: Instant)
    /// Give these up, since.
    case drop([DeliveryRecord], String)
    /// Nothing waits.
    case idle
  }

  /// After so many failures of a delivery, how long until the next try; the last holds for all that
  /// follow.
  public static let pauses: [TimeSpan] = [
    .seconds(15), .seconds(30), .minutes(1), .minutes(2), .minutes(4), .minutes(8), .minutes(15),
  ]
  /// An alert that still holds is told again after so long; the last holds for all that follow.
  public static let repetitions: [TimeSpan] = [.minutes(15), .hours(1), .hours(6)]
  /// So much waits for a channel at most.
  public static let mostPending = 200
  /// A message that a channel will never take is tried so often, in case it is the channel that errs.
  public static let mostRefusals = 3
  /// After so many failures in a row, the others are told of the channel.
  public static let failuresOfADeadChannel = 3

  /// What is next for a channel.
  ///
  /// - Parameters:
  ///   - rows: what waits for it, oldest first.
  ///   - quiet: the hours in which only what is critical goes.
  public static func next(
    _ rows: [DeliveryRecord], quiet: QuietHours?, now: Instant
  ) -> Step {
    if let drop = surplus(rows) { return drop }
    let stale = superseded(rows)
    if !stale.isEmpty { return .drop(stale, "something newer is to be told of it") }
    let quietUntil = quiet?.end(at: now)
    // What is held back for the night lets what is critical pass; else the oldest is first, and holds
    // up what comes after it.
    guard let row = rows.first(where: { quietUntil == nil || $0.told.severity == .critical })
    else { return rows.isEmpty ? .idle : .wait(until: quietUntil ?? now) }
    return row.due > now ? .wait(until: row.due) : .send(row)
  }

  /// What is too much: first what only informs, then what only repeats, then the oldest.
  private static func surplus(_ rows: [DeliveryRecord]) -> Step? {
    guard rows.count > mostPending else { return nil }
    let order =
      rows.filter { $0.told.severity == .info }
      + rows.filter { $0.told.severity != .info && $0.what == .repeated }
      + rows.filter { $0.told.severity != .info && $0.what != .repeated }
    return .drop(
      Array(order.prefix(rows.count - mostPending)), "more than \(mostPending) messages waited")
  }

  /// Repetitions behind which something newer of the same alert waits.
  private static func superseded(_ rows: [DeliveryRecord]) -> [DeliveryRecord] {
    rows.enumerated().filter { index, row in
      row.what == .repeated && rows[(index + 1)...].contains { $0.alert == row.alert }
    }.map(\.element)
  }

  /// How long a delivery waits after it has failed.
  ///
  /// - Parameters:
  ///   - tries: how often it has failed, this time included.
  ///   - asked: how long the channel itself asks for.
  public static func pause(after tries: Int, asked: TimeSpan?) -> TimeSpan {
    max(pauses[min(max(tries, 1), pauses.count) - 1], asked ?? .zero)
  }

  /// The alerts that are to be told again: nobody has taken note of them, they are more than
  /// information, and nobody asked for silence.
  public static func due(
    _ open: [AlertRecord], silenced: Set<String>, now: Instant
  ) -> [AlertRecord] {
    open.filter { record in
      guard record.state == .open, record.alert.severity > .info, let told = record.told,
        !silenced.contains(record.key), !silenced.contains("all")
      else { return false }
      return now - told >= repetitions[min(record.repeats, repetitions.count - 1)]
    }
  }
}

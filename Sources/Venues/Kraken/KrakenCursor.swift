import Domain

/// How far trades were read: the time of the last ones, and which of that time were told. Kraken counts
/// trades by time alone, and several may share one.
struct KrakenCursor {
  private let time: Instant
  private let ids: [String]

  /// Reads a cursor. - Throws: `Fault` 70 for one of another venue.
  init(_ cursor: FillCursor) throws {
    let parts = cursor.text.split(separator: " ").map(String.init)
    guard parts.count > 1, let time = Int64(parts[0]).flatMap({ Instant(told: $0) }) else {
      throw Fault(
        "read trades", "Kraken", cause: "the cursor \(cursor.text.prefix(40)) is none of Kraken's",
        exit: .internal)
    }
    (self.time, ids) = (time, Array(parts.dropFirst()))
  }

  /// Behind these trades, which are in order; nil when there is none.
  init?(after fills: [VenueFill], _ before: KrakenCursor?) {
    guard let last = fills.last else { return nil }
    time = last.time
    let told = before.map { $0.time == last.time ? $0.ids : [] } ?? []
    ids = told + fills.filter { $0.time == last.time }.map(\.id)
  }

  /// From where on is asked: Kraken leaves the start out, and takes seconds.
  var start: Instant { time - .seconds(2) }

  /// Whether a trade comes behind it.
  func isBefore(_ fill: VenueFill) -> Bool {
    fill.time > time || fill.time == time && !ids.contains(fill.id)
  }

  var text: FillCursor {
    FillCursor((["\(time.milliseconds)"] + ids).joined(separator: " "))
  }
}

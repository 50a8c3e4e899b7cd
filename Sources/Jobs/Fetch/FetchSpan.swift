import Calendars
import Domain
import Store

/// What a series is asked for at a slot: forward from a place to the slot, and, where the history was
/// made longer, back from its beginning.
struct FetchSpan: Hashable, Sendable {
  /// From when on the source is asked up to the slot.
  var forward: Instant
  /// What lies before all that was ever asked for, the end left out; nil: nothing is wanted there.
  var back: Range<Instant>?
  /// Whether the question reaches back to what is owed.
  var asksForOwed = false

  /// What is owed is asked for again at every slot while it lies so few candles back: one question
  /// brings both.
  static let owedCandles: Int64 = 900
  /// Otherwise so often.
  static let owedPause = TimeSpan.days(1)

  /// - Parameters:
  ///   - record: the series as the database knows it; nil: not at all.
  ///   - known: the opening time of the first candle on record that is read again; nil: none is.
  ///   - clock: when candles close.
  ///   - slot: the job's slot.
  ///   - isAskedByHand: whether a person waits for it.
  init(
    _ record: SeriesRecord?, known: Instant?, clock: CandleClock, slot: Instant,
    isAskedByHand: Bool, _ parameters: FetchParameters
  ) {
    let timeframe = clock.timeframe
    let step = timeframe.span
    let wanted = timeframe.open(at: slot - parameters.history)
    guard let record, let mark = record.watermark else {
      forward = min(wanted, parameters.from.map(timeframe.open) ?? wanted)
      return
    }
    forward = known ?? mark + step
    if let owed = record.owed, clock.lastClosed(at: slot) > mark || isAskedByHand {
      let isNear = mark - owed <= step * Self.owedCandles
      let isTime = record.owedAsked.map { slot - $0 >= Self.owedPause } ?? true
      asksForOwed = isNear || isTime || isAskedByHand
      if asksForOwed { forward = min(forward, owed) }
    }
    if let from = parameters.from { forward = min(forward, timeframe.open(at: from)) }
    if let reached = record.reached, wanted < reached, reached <= slot, forward > wanted {
      back = wanted..<reached
    }
  }
}

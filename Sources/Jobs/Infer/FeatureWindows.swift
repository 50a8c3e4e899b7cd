import Calendars
import Domain
import Indicators
import Store

/// The rows of features that a scorer is asked about: those of a set at or before a slot.
struct FeatureWindows: Sendable {
  let universe: Universe
  let features: FeatureRecipe
  let symbols: [Symbol]
  let maximumAge: TimeSpan

  /// What there is for one series.
  enum Input: Sendable {
    /// What there is to ask.
    case question(ScoreQuestion)
    /// Why there can be no score.
    case abstained(String)
  }

  /// Where a scorer's features stand in a row.
  struct Columns: Sendable {
    var names: [String]
    var places: [Int]
  }

  /// - Throws: exit 65 when the scorer wants features that the set does not have.
  func columns(of scorer: any Scorer) throws(Fault) -> Columns {
    let available = features.specification.names
    guard let names = scorer.featureNames else {
      guard scorer.featureCount == available.count else {
        throw Fault(
          "use the model", scorer.file,
          cause: "it reads \(scorer.featureCount) features without names, and the set has "
            + "\(available.count)",
          remedy: "configure the features that it was trained on, in their order", exit: .data)
      }
      return Columns(names: available, places: Array(available.indices))
    }
    let places = Dictionary(uniqueKeysWithValues: available.enumerated().map { ($1, $0) })
    let unknown = names.filter { places[$0] == nil }
    guard unknown.isEmpty else {
      let near = Spelling.nearest(unknown[0], among: available)
      throw Fault(
        "use the model", scorer.file,
        cause: "it reads features that are not computed: \(unknown.joined(separator: ", "))",
        remedy: near.map { "did you mean `\($0)`? " } ?? ""
          + "add them to `market: features:`, or train on: \(available.joined(separator: ", "))",
        exit: .data)
    }
    return Columns(names: names, places: names.compactMap { places[$0] })
  }

  /// The newest numbers of every symbol, in their order.
  func newest(
    for scorer: any Scorer, at slot: Instant, in transaction: ReadTransaction
  ) throws -> [Input] {
    let columns = try columns(of: scorer)
    let set = try transaction.features.set(sha256: features.sha256)
    return try symbols.map { symbol in
      let series = universe.series(symbol)
      guard let set, let record = try transaction.series.find(series) else {
        return .abstained("no features yet")
      }
      let rows = try transaction.features.last(
        set, record, count: scorer.windowLength,
        atOrBefore: universe.clock.lastClosed(at: slot))
      return input(symbol, rows[...], columns, scorer, at: slot)
    }
  }

  private func input(
    _ symbol: Symbol, _ rows: ArraySlice<FeatureRow>, _ columns: Columns, _ scorer: any Scorer,
    at slot: Instant
  ) -> Input {
    guard let last = rows.last else { return .abstained("no features yet") }
    guard universe.clock.age(ofCandle: last.time, at: slot) <= maximumAge else {
      return .abstained("stale: the last candle closed at \(universe.clock.close(of: last.time))")
    }
    guard rows.count == scorer.windowLength else {
      return .abstained("\(rows.count) of \(scorer.windowLength) rows")
    }
    if let gap = gap(in: rows) {
      return .abstained("\(gap) is missing in the window of \(scorer.windowLength) rows")
    }
    if !scorer.acceptsMissing {
      for row in rows {
        for (name, place) in zip(columns.names, columns.places) where row.values[place].isNaN {
          return .abstained("\(name) is missing")
        }
      }
    }
    return .question(
      ScoreQuestion(symbol: symbol, time: last.time, numbers: Self.numbers(rows, columns)))
  }

  /// The first candle that is missing between the rows of a window, which a model takes for candles
  /// that follow each other.
  private func gap(in rows: ArraySlice<FeatureRow>) -> Instant? {
    for (row, next) in zip(rows, rows.dropFirst()) {
      if let gap = universe.clock.missing(after: row.time, before: next.time, limit: 1).first {
        return gap
      }
    }
    return nil
  }

  /// About so many windows are tried on a model before it is used.
  static let triedWindows = 100

  /// The windows of the newest rows at or before a slot, `triedWindows` or a few more over all symbols:
  /// each as both scorers want it.
  func recent(
    for one: any Scorer, and other: any Scorer, at slot: Instant, in transaction: ReadTransaction
  ) throws -> [(one: [Double], other: [Double])] {
    let (columns, others) = (try columns(of: one), try self.columns(of: other))
    guard let set = try transaction.features.set(sha256: features.sha256) else { return [] }
    let share = (Self.triedWindows + symbols.count - 1) / max(1, symbols.count)
    let longest = max(one.windowLength, other.windowLength)
    return try symbols.flatMap { symbol -> [(one: [Double], other: [Double])] in
      let series = universe.series(symbol)
      guard let record = try transaction.series.find(series) else { return [] }
      let rows = try transaction.features.last(
        set, record, count: share + longest - 1,
        atOrBefore: universe.clock.lastClosed(at: slot))
      guard rows.count >= longest else { return [] }
      return (longest...rows.count).map { end in
        (
          Self.numbers(rows[(end - one.windowLength)..<end], columns),
          Self.numbers(rows[(end - other.windowLength)..<end], others)
        )
      }
    }
  }

  private static func numbers(_ rows: ArraySlice<FeatureRow>, _ columns: Columns) -> [Double] {
    rows.flatMap { row in columns.places.map { row.values[$0] } }
  }
}

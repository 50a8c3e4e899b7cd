import Domain
import StrictYAML
import Venues

/// What a fetch job is told beside its universe.
struct FetchParameters: Sendable {
  /// How far back a series reaches.
  var history = Self.defaultHistory
  /// How many candles on record are read again.
  var recheck = Self.defaultRecheckCandles
  /// Which part of the series must be read for the run to succeed.
  var quorum = Self.defaultQuorum
  /// By what factor a close may move and is believed at once.
  var moves = MoveGuard(factor: MoveGuard.standardFactor)
  /// How old the newest candle of a series may be; nil: as its own gaps tell.
  var maximumAge: TimeSpan?
  /// From when on everything is read again, in a run by hand.
  var from: Instant?

  /// How far back the first fetch of a series reaches, unless `history` says otherwise.
  static let defaultHistory = TimeSpan.days(30)
  /// How many candles on record are read again, unless `recheck` says otherwise.
  static let defaultRecheckCandles = 3
  /// The most candles that are read again at each slot.
  static let maximumRecheckCandles = 100_000
  /// Which part of the series must be read, unless `quorum` says otherwise.
  static let defaultQuorum = 0.8

  init() {}

  /// Reads the parameters; mistakes are in the reader's log.
  init(_ reader: MappingReader) {
    history = reader.span("history") ?? history
    recheck = reader.integer("recheck", in: 0...Self.maximumRecheckCandles) ?? recheck
    quorum = reader.number("quorum", in: 0...1) ?? quorum
    moves = reader.number("max-move", in: 1.01...1e12).map { MoveGuard(factor: $0) } ?? moves
    maximumAge = reader.span("max-age")
    from = reader.instant("from")
  }

  /// Holds `history` against how far back the venue's candles reach: what is asked for beyond that is a
  /// mistake, and where nothing is said all there is is meant.
  mutating func bound(by universe: Universe, _ reader: MappingReader) {
    guard let depth = universe.source.depth(of: universe.timeframe), history > depth else { return }
    if let node = reader.value("history") {
      reader.log.error(
        at: node,
        "venue `\(universe.venue)` has candles of \(universe.timeframe) of the last \(depth) alone",
        mend: "write `history: \(depth)` or less")
    }
    history = depth
  }
}

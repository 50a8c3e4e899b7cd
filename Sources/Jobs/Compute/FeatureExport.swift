public import Domain
public import Store

/// Rows of features as live inference reads them, in order of time and then symbol: what a model is
/// trained on.
///
/// They are read from the database and never computed anew, so that training and serving cannot
/// differ. Memory is bounded: a page of rows at a time.
public struct FeatureExport: Sendable {
  /// Which set and series.
  public let selection: FeatureSelection
  /// The symbols, sorted.
  public let symbols: [Symbol]
  private let after: Instant?
  private let through: Instant?

  /// About so many rows are held in memory, unless another page is asked for.
  public static let heldRows = 20_000

  /// The rows of candles that open at or after `from` (nil: from the first on) and before `to` (nil:
  /// through the last).
  public init(_ selection: FeatureSelection, symbols: [Symbol], from: Instant?, to: Instant?) {
    self.selection = selection
    self.symbols = symbols.sorted()
    after = from.map { $0 - .milliseconds(1) }
    through = to.map { $0 - .milliseconds(1) }
  }

  /// One row.
  public struct Row: Sendable {
    /// Whose.
    public var symbol: Symbol
    /// The opening time of the candle.
    public var time: Instant
    /// One number per feature; NaN where it is missing.
    public var values: [Double]
    /// The candle's last price, where it was asked for.
    public var close: Double?
  }

  /// Candles of the range of which there are no rows.
  public struct Shortfall: Sendable {
    /// Whose.
    public var symbol: Symbol
    /// How many; zero where there are no candles at all.
    public var missing: Int
    /// The opening time of the first; nil where there are no candles at all.
    public var first: Instant?
  }

  /// What stands between these rows and all that the candles would give, by symbol.
  public func shortfalls(in transaction: ReadTransaction) throws -> [Shortfall] {
    let set = try transaction.features.set(sha256: selection.sha256)
    return try symbols.compactMap { symbol in
      guard let series = try transaction.series.find(selection.series(symbol)) else {
        return Shortfall(symbol: symbol, missing: 0)
      }
      let lack = try transaction.features.lack(set, series, after: after, through: through)
      return lack.map { Shortfall(symbol: symbol, missing: $0.count, first: $0.first) }
    }
  }

  /// Hands over every row.
  ///
  /// - Parameters:
  ///   - transaction: one view of the database, so that no row is of another time than its neighbour.
  ///   - withClose: whether `close` is read as well.
  ///   - pageRows: about so many rows are held in memory.
  ///   - body: takes one row.
  /// - Returns: how many there were.
  @discardableResult
  public func forEachRow(
    in transaction: ReadTransaction, withClose: Bool, pageRows: Int = heldRows,
    _ body: (Row) throws -> Void
  ) throws -> Int {
    guard let set = try transaction.features.set(sha256: selection.sha256) else { return 0 }
    let series = try symbols.compactMap { try transaction.series.find(selection.series($0)) }
    let share = Int64(max(1, pageRows / max(1, series.count)))
    var cursor = after
    var count = 0
    while true {
      let first = try series.compactMap {
        try transaction.features.range(set, $0, after: cursor, through: through, limit: 1)
          .first?.time
      }.min()
      guard let first else { return count }
      let last = first + selection.timeframe.span * (share - 1)
      let end = through.map { min($0, last) } ?? last
      var page: [Row] = []
      for record in series {
        var closes: [Instant: Double] = [:]
        if withClose {
          let candles = try transaction.candles.range(
            record, after: cursor, through: end, limit: .max)
          closes = Dictionary(uniqueKeysWithValues: candles.map { ($0.time, $0.close) })
        }
        page += try transaction.features.range(
          set, record, after: cursor, through: end, limit: .max
        ).map {
          Row(
            symbol: record.series.symbol, time: $0.time, values: $0.values, close: closes[$0.time])
        }
      }
      page.sort { ($0.time, $0.symbol) < ($1.time, $1.symbol) }
      for row in page { try body(row) }
      count += page.count
      cursor = end
    }
  }
}

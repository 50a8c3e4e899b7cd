import Disk
public import Domain
import Glibc
import Synchronization

/// A directory of candle files: `BASE_QUOTE_TIMEFRAME.csv`, or `SYMBOL_TIMEFRAME.csv` quoted in USD,
/// with the header `time_ms,open,high,low,close,volume`.
///
/// A parsed file is kept as long as its size, its time of change and its inode stay, so that asking
/// for the next candle costs two `stat` calls and a binary search. Put new files in place with a
/// rename: a file that changes while it is read is a transient fault.
public final class CSVMarket: MarketData {
  /// The most candle files in one directory.
  public static let maximumFiles = 10_000

  /// The name of this source in the configuration.
  public let name: String
  /// The directory.
  public let directory: String

  private let cache: Mutex<CandleFileCache>
  private let overrides: [Symbol: InstrumentRules.Override]

  /// The market of the files in a directory, which is read when it is asked.
  public init(
    directory: String, name: String = "csv", rules: [Symbol: InstrumentRules.Override] = [:],
    cachedCandles: Int = CandleFileCache.standardCandles
  ) {
    overrides = rules
    cache = Mutex(CandleFileCache(maximumCandles: cachedCandles))
    self.directory =
      directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    self.name = name
  }

  /// Every series that there is a file of, sorted.
  ///
  /// - Throws: `Fault` 66 when the directory is not there, 65 when no file in it has a fitting name.
  public func series() throws -> [Series] {
    let names = try fileNames()
    let found = Set(names.compactMap { CandleFileName($0) })
    guard !found.isEmpty else {
      let files = names.isEmpty ? "it is empty" : "it holds \(listed(names, most: 8))"
      throw Fault(
        "find candles in", directory, cause: "no file is named as candles; \(files)",
        remedy: "name them like ETH_BTC_5m.csv, or GOOG_1d.csv when quoted in USD", exit: .data)
    }
    return found.map { Series(venue: name, symbol: $0.symbol, timeframe: $0.timeframe) }.sorted()
  }

  /// Every series with its span: all files are read. Series without a candle are left out.
  ///
  /// - Throws: as `series()` and `candles(_:_:from:closedBy:limit:)`.
  public func available() throws -> [AvailableSeries] {
    try series().compactMap { series in
      let file = try file(
        of: CandleFileName(symbol: series.symbol, timeframe: series.timeframe))
      guard let first = file.candles.first, let last = file.candles.last else { return nil }
      return AvailableSeries(
        series: series, firstOpen: first.time, lastOpen: last.time,
        candles: file.candles.count, rejected: file.rejected.count)
    }
  }

  /// The last candles that open at or before a time, in order, at most `limit` of them.
  ///
  /// - Throws: as `candles(_:_:from:closedBy:limit:)`.
  public func newest(
    _ symbol: Symbol, _ timeframe: Timeframe, openingBy end: Instant, limit: Int
  ) throws -> [Candle] {
    let file = try file(of: CandleFileName(symbol: symbol, timeframe: timeframe))
    let count = file.index(from: end + .milliseconds(1))
    return Array(file.candles[..<count].suffix(min(limit, CandleBatch.maximumCandles)))
  }

  /// Every symbol that there is a file of.
  public func symbols() async throws -> [Symbol] {
    Set(try series().map(\.symbol)).sorted()
  }

  /// Every symbol that there is a file of this timeframe of.
  ///
  /// - Throws: `Fault` 66 where there is none.
  public func symbols(with timeframe: Timeframe) async throws -> [Symbol] {
    let series = try series()
    let found = series.filter { $0.timeframe == timeframe }.map(\.symbol)
    guard found.isEmpty else { return Set(found).sorted() }
    let there = Set(series.map(\.timeframe)).sorted().map { "\($0)" }
    throw Fault(
      "find candles in", directory, cause: "no file has candles of \(timeframe)",
      remedy: "there are files of \(there.joined(separator: ", ")); set `timeframe` to one of them",
      exit: .noInput)
  }

  /// The rules of `rules(of:)`, since candle files tell none.
  public func instruments(_ symbols: [Symbol]) async throws -> [Instrument] {
    try rules(of: symbols)
  }

  /// Rules as far as they can be told by the quote and by the digits of the newest candles, with what
  /// was configured laid over them.
  ///
  /// - Throws: `Fault` 65 for a symbol that there is no file of.
  public func rules(of symbols: [Symbol]) throws -> [Instrument] {
    let series = try series()
    return try symbols.map { symbol in
      let own = series.filter { $0.symbol == symbol }
      guard !own.isEmpty else {
        throw unknownSymbol(symbol, at: directory, known: Set(series.map(\.symbol)).sorted())
      }
      var newest: [Candle] = []
      for one in own {
        do {
          newest += try self.newest(
            symbol, one.timeframe, openingBy: .latest, limit: PriceDigits.candles)
        } catch is Fault {
          // A file that cannot be read tells no digits; who asks for its candles is told why.
          continue
        }
      }
      let derived = InstrumentRules.derived(for: symbol, from: newest)
      return overrides[symbol]?.applied(to: derived) ?? derived
    }
  }

  /// The candles of one file. A bad row comes with the candle that follows it in the file.
  ///
  /// - Throws: `Fault` 66 when there is no such file, 65 when it is not a candle file.
  public func candles(
    _ symbol: Symbol, _ timeframe: Timeframe, from: Instant?, closedBy: Instant, limit: Int
  ) async throws -> CandleBatch {
    let file = try file(of: CandleFileName(symbol: symbol, timeframe: timeframe))
    let start = from.map(file.index(from:)) ?? 0
    let closed = max(file.index(from: closedBy - timeframe.span + .milliseconds(1)), start)
    let end = min(start + min(max(limit, 1), CandleBatch.maximumCandles), closed)
    let (candles, rejected) = file.rows(start..<end)
    return CandleBatch(
      candles: candles, rejected: rejected,
      resumeFrom: end < closed ? file.candles[end].time : nil)
  }

  /// Nil: files have no clock.
  public func serverTime() async throws -> Instant? { nil }

  private func file(of series: CandleFileName) throws -> CandleFile {
    var found = try stamped(series.candidates)
    if found.isEmpty { found = try stamped(fileNames().filter { CandleFileName($0) == series }) }
    guard let (name, stamp) = found.first else { throw missing(series) }
    let path = "\(directory)/\(name)"
    if found.count > 1 {
      throw Fault(
        "read candles", "\(series.symbol) \(series.timeframe)",
        cause: "\(directory) has both \(found.map(\.name).joined(separator: " and "))",
        remedy: "remove one of them", exit: .data)
    }
    if let cached = cache.withLock({ $0.file(at: path, stamp) }) { return cached }
    let file = try CandleFile(path: path, timeframe: series.timeframe)
    guard try FileStamp(path: path) == stamp else {
      throw Fault(
        "read candles", path, cause: "it changed while it was read",
        remedy: "write new files under another name and rename them into place", exit: .tryAgain,
        isTransient: true)
    }
    cache.withLock { $0.keep(file, at: path, stamp) }
    return file
  }

  /// Those of the names that are there.
  private func stamped(_ names: [String]) throws -> [(name: String, stamp: FileStamp)] {
    try names.compactMap { name in
      try FileStamp(path: "\(directory)/\(name)").map { (name, $0) }
    }
  }

  private func missing(_ series: CandleFileName) -> any Error {
    do {
      let known = try self.series()
      let frames = known.filter { $0.symbol == series.symbol }.map { "\($0.timeframe)" }
      let names = known.map { "\($0.symbol) \($0.timeframe)" }
      return Fault(
        "read candles", "\(directory)/\(series.candidates.joined(separator: " or "))",
        cause: "there is no such file",
        remedy: frames.isEmpty
          ? "there are \(listed(names, most: 8))"
          : "of \(series.symbol) there is \(frames.joined(separator: ", "))", exit: .noInput)
    } catch {
      return error
    }
  }

  private func fileNames() throws -> [String] {
    let found: [String]?
    do {
      found = try Folder.namesIfAny(in: directory)
    } catch {
      throw Self.unlisted(directory, error.cause, .io)
    }
    guard let found else { throw Self.unlisted(directory, "No such file or directory", .noInput) }
    let names = found.filter { !$0.hasPrefix(".") }
    guard names.count <= Self.maximumFiles else {
      throw Fault(
        "find candles in", directory, cause: "it has more than \(Self.maximumFiles) files",
        remedy: "give a directory that holds candle files alone", exit: .data)
    }
    return names
  }

  private static func unlisted(_ directory: String, _ cause: String, _ exit: ExitCode) -> Fault {
    Fault(
      "find candles in", directory, cause: cause,
      remedy: "give a directory of files like ETH_BTC_5m.csv", exit: exit)
  }
}

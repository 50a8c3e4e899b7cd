import Cryptography
public import Domain
import Glibc
public import Store
public import Venues

/// A file of candles that is to fill what a series lacks: gaps, and history deeper than its source gives.
///
/// What the series has already stays as it is, and must be what the file says: a file of another market, or
/// one that was made otherwise, is refused whole.
public struct CandleImport: Sendable {
  /// The series that the file's name tells, at the venue that it is to be of.
  public let series: Series
  /// The file.
  public let path: String
  private let file: CandleFile
  private let sha256: String

  /// The candles on record that are held against the file at a time.
  private static let heldCandles = 10_000

  /// What of a file was taken.
  public struct Outcome: Hashable, Sendable {
    /// Candles that the series lacked.
    public var inserted = 0
    /// The first of them.
    public var first: Instant?
    /// The last of them.
    public var last: Instant?
    /// Candles that it has as the file has them.
    public var known = 0
    /// Candles that are newer than all that was fetched, which the next fetch brings, or not closed yet.
    public var newer = 0
    /// Rows that are no candles.
    public var rejected: [RejectedRow] = []
    fileprivate var candles: [Candle] = []
  }

  /// Reads a file.
  ///
  /// - Throws: exit 65 when its name tells no series, or it holds no candles of it.
  public init(path: String, venue: String) throws {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let told = CandleFileName(name) else {
      throw Fault(
        "import", path, cause: "its name tells no series",
        remedy: "name it BASE_QUOTE_TIMEFRAME.csv, like BTC_USD_1h.csv", exit: .data)
    }
    self.path = path
    series = Series(venue: venue, symbol: told.symbol, timeframe: told.timeframe)
    sha256 = try FileDigest.sha256(of: path)
    file = try CandleFile(path: path, timeframe: told.timeframe)
  }

  /// What of it a series would take at an instant.
  ///
  /// - Throws: exit 65 when it contradicts what is on record.
  public func outcome(in transaction: some ReadTransaction, at now: Instant) throws -> Outcome {
    let record = try transaction.series.find(series)
    let closedBy = now - series.timeframe.span
    // A series that was fetched is gone on with from its newest candle: what is beyond it, the source tells.
    let end = record?.watermark.map { min($0, closedBy) } ?? closedBy
    var outcome = Outcome()
    outcome.rejected = file.rejected
    var rest = file.candles[...]
    while let first = rest.first {
      let part = rest.prefix(Self.heldCandles)
      rest = rest.dropFirst(part.count)
      let through = part.last?.time ?? first.time
      let there = try record.map { record in
        try transaction.candles.range(
          record, after: first.time - .milliseconds(1), through: through, limit: .max)
      }
      let known = Dictionary(
        (there ?? []).map { ($0.time, $0) }, uniquingKeysWith: { first, _ in first })
      for candle in part {
        if let other = known[candle.time] {
          guard other == candle else { throw contradiction(candle, other) }
          outcome.known += 1
        } else if candle.time > end {
          outcome.newer += 1
        } else {
          outcome.candles.append(candle)
        }
      }
    }
    outcome.inserted = outcome.candles.count
    outcome.first = outcome.candles.first?.time
    outcome.last = outcome.candles.last?.time
    return outcome
  }

  private func contradiction(_ candle: Candle, _ other: Candle) -> Fault {
    func words(_ one: Candle) -> String {
      "\(one.open), \(one.high), \(one.low), \(one.close), \(one.volume)"
    }
    return Fault(
      "import", path,
      cause: "at \(candle.time) it has \(words(candle)), and \(series) has \(words(other))",
      remedy:
        "is it of another market, or made otherwise? nothing of it was taken; take out the rows that "
        + "the series has, if the rest is right",
      exit: .data)
  }

  /// Writes what a series lacks, and where it came from.
  ///
  /// - Throws: exit 65 when it contradicts what is on record: nothing of it is taken.
  public func write(to transaction: WriteTransaction, at now: Instant) throws -> Outcome {
    let outcome = try outcome(in: transaction, at: now)
    guard let first = outcome.first, let last = outcome.last else { return outcome }
    let isNew = try transaction.series.find(series) == nil
    let record = try transaction.series.register(series)
    _ = try transaction.candles.upsert(outcome.candles, series: record, run: nil)
    if isNew { try transaction.series.advance(record, watermark: last) }
    try transaction.audit.append(
      "candles",
      "imported \(outcome.inserted) of \(series), \(first) to \(last), from \(path) (SHA-256 \(sha256)); "
        + "\(outcome.known) were there")
    return outcome
  }
}

/// The digest of a file, in blocks.
private enum FileDigest {
  static func sha256(of path: String) throws(Fault) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, errno) }
    defer { close(descriptor) }
    let hash = SHA256()
    var block = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = read(descriptor, &block, block.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(path, errno) }
      if count == 0 { return hash.hexadecimal() }
      block.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }

  private static func failure(_ path: String, _ code: Int32) -> Fault {
    Fault(
      "import", path, cause: String(cString: strerror(code)),
      remedy: "check that the file is readable by this user",
      exit: code == ENOENT ? .noInput : .io)
  }
}

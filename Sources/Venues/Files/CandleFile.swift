import Disk
public import Domain
import Glibc

/// One candle file, parsed: its candles, and the rows that are none.
public struct CandleFile: Sendable {
  /// The largest file that is read, in bytes: some 4 million candles.
  static let maximumFileBytes = 256 << 20
  /// The longest row that is read, in bytes.
  static let maximumRowBytes = 1024
  /// A file with more bad rows than this is refused, since it is not a candle file.
  static let maximumRejectedRows = 10_000

  /// The candles, each later than the one before.
  public private(set) var candles: [Candle] = []
  /// The bad rows in the order of the file, each with the index of the candle that follows it in
  /// the file, or of the last candle when none does: a bad row is reported with that candle, so
  /// that reading on from it reports it once.
  private(set) var bad: [(candle: Int, row: RejectedRow)] = []

  /// Reads and checks a whole file.
  ///
  /// - Throws: `Fault` when it cannot be read, is too large, has another header, runs from the newest
  ///   to the oldest, has times in another unit, or holds rows of which none is a candle.
  public init(path: String, timeframe: Timeframe) throws {
    let name = FilePath.name(of: path)
    var parser = CandleFileParser(path: path, name: name, timeframe: timeframe)
    try Self.readRows(of: path) { number, row, truncated in
      try parser.take(row: row, number: number, truncated: truncated)
    }
    let strays = try parser.sortOut()
    if !strays.isEmpty {
      // The rows were not kept: files are long, and out of order only by mistake.
      try Self.readRows(of: path) { number, row, _ in
        guard let reason = strays[number] else { return }
        try parser.setApart(row, at: number, reason)
      }
    }
    (candles, bad) = try parser.finish()
  }

  /// The bad rows in the order of the file.
  public var rejected: [RejectedRow] { bad.map(\.row) }

  /// What to read a file with whose timeframe is not known: no time that a candle may have is
  /// misaligned to a minute.
  public static let anyTimeframe = Timeframe.minute

  /// The distance of the two candles nearest in time, as a timeframe: that of a file whose name does
  /// not tell it.
  public var shortestDistance: Timeframe {
    let distances = zip(candles.dropFirst(), candles).map { ($0.time - $1.time).milliseconds }
    return distances.min().flatMap { Timeframe(milliseconds: $0) } ?? Self.anyTimeframe
  }

  /// The candles at these indices with the bad rows among them.
  func rows(_ range: Range<Int>) -> (candles: [Candle], rejected: [RejectedRow]) {
    var low = 0
    var high = bad.count
    while low < high {
      let middle = (low + high) / 2
      if bad[middle].candle < range.lowerBound { low = middle + 1 } else { high = middle }
    }
    let among = bad[low...].prefix { $0.candle < range.upperBound }.map(\.row)
    return (Array(candles[range]), among)
  }

  /// The index of the first candle that opens at or after a time.
  func index(from time: Instant) -> Int {
    var low = 0
    var high = candles.count
    while low < high {
      let middle = (low + high) / 2
      if candles[middle].time < time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Hands over each line without its end, in blocks, so that the text is never in memory whole.
  private static func readRows(
    of path: String,
    _ body: (_ number: Int, _ row: ArraySlice<UInt8>, _ truncated: Bool) throws -> Void
  ) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", path, errno) }
    defer { close(descriptor) }
    var block = [UInt8](repeating: 0, count: 1 << 18)
    var carried: [UInt8] = []
    var isTooLong = false
    var number = 0
    var total = 0
    while true {
      let count = read(descriptor, &block, block.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure("read", path, errno) }
      if count == 0 { break }
      total += count
      guard total <= maximumFileBytes else {
        throw Fault(
          "read candles", path, cause: "it is larger than \(maximumFileBytes >> 20) MiB",
          remedy: "keep only the years that are needed, or use a longer timeframe", exit: .data)
      }
      var start = 0
      while let end = block[start..<count].firstIndex(of: UInt8(ascii: "\n")) {
        number += 1
        if carried.isEmpty {
          try body(number, block[start..<end], end - start > maximumRowBytes)
        } else {
          append(block[start..<end], to: &carried, &isTooLong)
          try body(number, carried[...], isTooLong)
          carried.removeAll(keepingCapacity: true)
          isTooLong = false
        }
        start = end + 1
      }
      append(block[start..<count], to: &carried, &isTooLong)
    }
    if !carried.isEmpty { try body(number + 1, carried[...], isTooLong) }
  }

  private static func append(
    _ part: ArraySlice<UInt8>, to carried: inout [UInt8], _ isTooLong: inout Bool
  ) {
    let room = maximumRowBytes + 1 - carried.count
    if part.count > room { isTooLong = true }
    carried += part.prefix(room)
  }

  private static func failure(_ verb: String, _ path: String, _ code: Int32) -> Fault {
    Fault(
      "read candles", path, cause: "\(verb) failed: \(String(cString: strerror(code)))",
      remedy: "check that the file is readable by this user",
      exit: code == ENOENT ? .noInput : .io)
  }
}

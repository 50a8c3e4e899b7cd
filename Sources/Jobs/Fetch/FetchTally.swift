import Domain

/// Counts of one run.
struct FetchTally: Sendable, CustomStringConvertible {
  var fetched = 0
  var rejected = 0
  var gaps = 0
  var missing = 0
  /// Candles that were missing among those read before.
  var late = 0
  /// Candles that wait for the next one to confirm them.
  var held = 0
  /// What else a person should know of one series.
  var remark: String?
  private(set) var corrected = 0
  private var largest: Correction?

  mutating func note(_ correction: Correction) {
    corrected += 1
    keep(correction)
  }

  mutating func add(_ other: FetchTally) {
    fetched += other.fetched
    rejected += other.rejected
    gaps += other.gaps
    missing += other.missing
    late += other.late
    held += other.held
    remark = remark ?? other.remark
    corrected += other.corrected
    if let theirs = other.largest { keep(theirs) }
  }

  private mutating func keep(_ correction: Correction) {
    if correction.move > largest?.move ?? -1 { largest = correction }
  }

  var description: String {
    var text = "\(fetched) new, \(gaps) gaps (\(missing) missing), \(rejected) rejected"
    if corrected > 0 { text += ", \(corrected) corrected" }
    if late > 0 { text += ", \(late) late" }
    if held > 0 { text += ", \(held) held" }
    return text
  }

  /// What a person should know; nil when all is in order. Small corrections are: sources make them.
  var caveat: String? {
    var remarks: [String] = []
    if rejected > 0 { remarks.append("quarantined \(rejected) bad rows") }
    if let largest, largest.move >= Correction.largeMove {
      remarks.append("corrected \(corrected) candles, \(largest)")
    }
    if held > 0 {
      remarks.append("held \(held) candles until the next confirm them: carillon quarantine list")
    }
    if let remark { remarks.append(remark) }
    return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
  }
}

/// A candle on record of which the source now says something else.
struct Correction: Sendable, CustomStringConvertible {
  var series: Series
  var before: Candle
  var after: Candle

  /// A price that is corrected by so much of itself is worth a warning: features and scores of the
  /// time before were made from it.
  static let largeMove = 0.01

  /// By what part of itself the price changed that changed most.
  var move: Double {
    zip(
      [before.open, before.high, before.low, before.close],
      [after.open, after.high, after.low, after.close]
    ).map { ($1 - $0).magnitude / $0 }.max() ?? 0
  }

  /// `the largest by 3.2 % in BTC-USDT at 2026-01-01T00:00:00Z`
  var description: String {
    let tenths = Int((min(move, 1e6) * 1000).rounded())
    return "the largest by \(tenths / 10).\(tenths % 10) % in \(series.symbol) at \(before.time)"
  }
}

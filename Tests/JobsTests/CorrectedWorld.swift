import Domain
import Settings
import Store
import Testing

@testable import Jobs

/// Series of minutes under several feature sets, the truth of which is held beside them: three from
/// the start, and one that joins.
struct CorrectedWorld {
  let bench: Workbench
  private let recipes: [FeatureRecipe]
  private let series: [Series]
  /// What the source says, and which of it has arrived.
  private var truth: [[Candle]]
  private var arrived: [Set<Instant>]
  private var hasJoined = false
  private var generator: SeededRandom
  /// A multiple of 1,000 minutes lies within the first 1,300.
  private static let start = Instant(milliseconds: 29_454_321 * 60_000)

  init(seed: UInt64) throws {
    bench = try Workbench()
    let settings = try bench.settings()
    let sets = [
      "{ mean: sma(20), strength: rsi(14), trend: ema(12) / ema(26), spread: stddev(20) }",
      "{ order: cs_rank(roc(5)), distance: cs_zscore(ema(10) / ema(30)), plain: mom(3) }",
    ]
    let parameters =
      sets.map { "{ timeframe: 1m, features: \($0) }" }
      + ["missing", "reset"].map { "{ timeframe: 1m, features: \(sets[0]), gaps: \($0) }" }
    recipes = try parameters.map { [bench] in
      try #require(try bench.job(.compute, settings, with: $0) as? ComputeJob).features
    }
    let minute = Timeframe.minute
    series = try ["AAA", "BBB", "CCC", "DDD"].map {
      Series(venue: "files", symbol: try #require(Symbol("\($0)-USD")), timeframe: minute)
    }
    truth = series.map { _ in [] }
    arrived = series.map { _ in [] }
    generator = SeededRandom(seed: seed)
  }

  mutating func random(in range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }
  mutating func random(in range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  private mutating func candle(at time: Instant) -> Candle {
    let (a, b) = (
      Double(random(in: 900...1100)) / 10, Double(random(in: 900...1100)) / 10
    )
    return Candle(
      time: time, open: a, high: max(a, b) + 1, low: min(a, b) - 1, close: b,
      volume: Double(random(in: 0...50)))
  }

  /// The fourth series comes with all its candles.
  mutating func join() {
    hasJoined = true
    arrived[3] = Set(truth[3].map(\.time))
  }

  /// More candles at the end of every series, one in thirty of which does not arrive yet.
  mutating func append(count: Int) {
    for index in series.indices {
      for _ in 0..<count {
        let time = (truth[index].last?.time ?? Self.start - .minutes(1)) + .minutes(1)
        let made = candle(at: time)
        truth[index].append(made)
        let isThere = index < 3 || hasJoined
        if random(in: 0..<30) > 0, isThere { arrived[index].insert(made.time) }
      }
    }
  }

  /// Other numbers for some candles that have arrived; `near`: only among so many of the newest.
  mutating func correct(count: Int, near: Int? = nil) {
    for _ in 0..<count {
      let index = random(in: series.indices)
      let places = truth[index].indices.suffix(near ?? .max)
      let place = random(in: places.lowerBound..<places.upperBound)
      let made = candle(at: truth[index][place].time)
      truth[index][place] = made
    }
  }

  /// Some candle that was missing comes: the newest, the oldest, or any.
  mutating func arriveLate() {
    let index = random(in: hasJoined ? 0..<4 : 0..<3)
    let missing = truth[index].map(\.time).filter { !arrived[index].contains($0) }
    guard !missing.isEmpty else { return }
    let place = random(in: missing.indices)
    arrived[index].insert(missing[place])
  }

  private func visible(_ index: Int) -> [Candle] {
    truth[index].filter { arrived[index].contains($0.time) }
  }

  /// Writes what has arrived; what is there already does nothing.
  func save() throws { try save(to: bench.store) }

  private func save(to store: Store) throws {
    for index in series.indices {
      try store.write(at: bench.time.now) { transaction in
        let record = try transaction.series.register(series[index])
        _ = try transaction.candles.upsert(visible(index), series: record, run: nil)
      }
    }
  }

  private func span(_ recipe: FeatureRecipe, heldRows: Int = 100_000) -> FeatureSpan {
    FeatureSpan(
      features: recipe, series: series, newest: Self.start + .days(30), heldRows: heldRows)
  }

  /// Computes every set to the end.
  func compute() throws { try compute(bench.store) }

  private func compute(_ store: Store) throws {
    for recipe in recipes {
      while true {
        let part = try store.read { try span(recipe).next(in: $0) }
        try store.write(at: bench.time.now) {
          try span(recipe).write(part, to: $0, run: nil)
        }
        if part.isLast { break }
      }
    }
  }

  /// For each set: nothing, some parts and a crash, or all; and now and then a candle changes between
  /// the reading and the writing of a part.
  mutating func computeInPartsOrNotAtAll() throws {
    for recipe in recipes {
      let span = span(recipe, heldRows: random(in: 30...3000))
      for _ in 0..<random(in: 0...8) {
        let part = try bench.store.read { try span.next(in: $0) }
        if random(in: 0..<6) == 0 {
          if random(in: 0..<2) == 0 { correct(count: 1, near: 400) } else { arriveLate() }
          try save()
        }
        try bench.store.write(at: bench.time.now) { try span.write(part, to: $0, run: nil) }
        if part.isLast { break }
      }
    }
  }

  /// The first part of one set, between the reading and writing of which a candle of every series
  /// changes: that so many from the end.
  mutating func computeOnePart(of set: Int, changing place: Int) throws {
    let span = span(recipes[set])
    let part = try bench.store.read { try span.next(in: $0) }
    for index in series.indices {
      let other = candle(at: truth[index][truth[index].count - place].time)
      truth[index][truth[index].count - place] = other
    }
    try save()
    try bench.store.write(at: bench.time.now) { try span.write(part, to: $0, run: nil) }
  }

  /// Other numbers for a candle of the first series, counted from the start.
  mutating func correctFirst(at place: Int) throws {
    truth[0][place] = candle(at: truth[0][place].time)
    arrived[0].insert(truth[0][place].time)
    try save()
  }

  /// Whether a set has a row of the newest candle that arrived up to a place.
  func hasRow(set: Int, series index: Int, at place: Int) throws -> Bool {
    let time = try #require(truth[index][...place].last { arrived[index].contains($0.time) }).time
    return try bench.store.read { transaction in
      let set = try #require(try transaction.features.set(sha256: recipes[set].sha256))
      let record = try #require(try transaction.series.find(series[index]))
      return try transaction.features.last(set, record, atOrBefore: time).last?.time == time
    }
  }

  /// Every number of every row, by its bits, and the newest states.
  func rows(_ store: Store) throws -> [String] {
    try store.read { transaction in
      var lines: [String] = []
      for recipe in recipes {
        let set = try #require(try transaction.features.set(sha256: recipe.sha256))
        for series in series {
          let record = try #require(try transaction.series.find(series))
          for row in try transaction.features.range(set, record, limit: .max) {
            let bits = row.values.map { "\($0.bitPattern)" }.joined(separator: " ")
            lines.append("\(set.sha256.prefix(8)) \(series.symbol) \(row.time) \(bits)")
          }
          guard let state = try transaction.states.state(set, record) else { continue }
          lines.append("\(set.sha256.prefix(8)) \(series.symbol) \(state.time) \(state.bytes)")
        }
      }
      return lines
    }
  }

  /// The same of a database that has seen nothing but the last truth.
  func rowsFromScratch() throws -> [String] {
    let other = try Workbench()
    try save(to: other.store)
    try compute(other.store)
    return try rows(other.store)
  }
}

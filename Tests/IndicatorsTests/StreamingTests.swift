import Domain
import Indicators
import Testing

/// Streaming, batch, and both across a saved state give the same bits, at every place to split.
@Suite struct StreamingTests {
  static let everyFunction: [(name: String, expression: String)] = IndicatorCatalog.all.flatMap {
    indicator in
    indicator.outputs.map { output in
      let choice = indicator.outputs.count > 1 ? ".\(output)" : ""
      return ("\(indicator.name)_\(output)", "\(indicator.name)()\(choice)")
    }
  }
  static let formulas: [(name: String, expression: String)] = [
    ("ratio", "ema(12) / ema(26) - 1"), ("logs", "-log(close / open) * abs(rsi(3))"),
    ("typical", "sma(7, price=hlc3)"), ("zero", "close / (high - high)"),
    ("short", "sma(1)"), ("two", "bbands(2, 1.5, 2.5).lowerband"),
  ]

  @Test(arguments: GapRule.allCases, [1] as [UInt64])
  func equalsBatchAtEverySplit(rule: GapRule, seed: UInt64) throws {
    let specification = try FeatureSpecification(
      Self.everyFunction + Self.formulas, gapRule: rule)
    let candles = randomCandles(seed: seed, count: 160, gaps: true)
    let batch = FeatureBatch.compute(
      specification, timeframe: .hour, columns: CandleColumns(candles))
    var stream = FeaturePipeline(specification, timeframe: .hour)
    for (index, candle) in candles.enumerated() {
      let state = stream.savedState()
      let row = push(candle, &stream)
      #expect(same(row, batch.map { $0[index] }), "row \(index), seed \(seed), \(rule)")
      var restored = try FeaturePipeline(specification, timeframe: .hour, restoring: state)
      #expect(restored.savedState() == state)
      let next = index..<min(index + 24, candles.count)
      let rest = restored.append(CandleColumns(candles[next]))
      for (feature, column) in rest.enumerated() {
        #expect(
          same(column, Array(batch[feature][next])),
          "\(specification.names[feature]) after \(index), seed \(seed), \(rule)")
      }
    }
  }

  /// Longer than the stretches that a batch works through at a time.
  @Test func equalsBatchOverManyStretches() throws {
    let specification = try FeatureSpecification(Self.everyFunction + Self.formulas)
    let candles = randomCandles(seed: 6, count: 2300, gaps: false)
    let columns = specification.names.map { _ in
      UnsafeMutableBufferPointer<Double>.allocate(capacity: candles.count)
    }
    defer { for column in columns { column.deallocate() } }
    var batch = FeaturePipeline(specification, timeframe: .hour)
    batch.append(CandleColumns(candles), into: columns)
    var stream = FeaturePipeline(specification, timeframe: .hour)
    for (index, candle) in candles.enumerated() {
      #expect(same(push(candle, &stream), columns.map { $0[index] }), "row \(index)")
    }
    #expect(batch.savedState() == stream.savedState())
  }

  @Test func warmupIsKnownAhead() throws {
    let candles = randomCandles(seed: 5, count: 400, gaps: false)
    for feature in Self.everyFunction {
      let specification = try FeatureSpecification([feature])
      let column = FeatureBatch.compute(
        specification, timeframe: .hour, columns: CandleColumns(candles))[0]
      #expect(column.firstIndex { !$0.isNaN } == specification.warmup, "\(feature.name)")
      #expect(column.dropFirst(specification.warmup).allSatisfy { $0.isFinite }, "\(feature.name)")
    }
  }

  @Test func refusesStatesOfOthersAndDamage() throws {
    let specification = try FeatureSpecification([("a", "rsi(5)"), ("b", "sma(4)")])
    var pipeline = FeaturePipeline(specification, timeframe: .hour)
    for candle in randomCandles(seed: 3, count: 20, gaps: false) { _ = push(candle, &pipeline) }
    let state = pipeline.savedState()
    #expect(throws: Never.self) {
      try FeaturePipeline(specification, timeframe: .hour, restoring: state)
    }
    let other = try FeatureSpecification([("a", "rsi(6)"), ("b", "sma(4)")])
    #expect(throws: Fault.self) { try FeaturePipeline(other, timeframe: .hour, restoring: state) }
    #expect(throws: Fault.self) {
      try FeaturePipeline(specification, timeframe: .day, restoring: state)
    }
    for count in 0..<state.count {
      #expect(throws: Fault.self) {
        try FeaturePipeline(
          specification, timeframe: .hour, restoring: Array(state.prefix(count)))
      }
    }
    for index in state.indices {
      var damaged = state
      damaged[index] ^= 1 << UInt8(index % 8)
      #expect(throws: Fault.self) {
        try FeaturePipeline(specification, timeframe: .hour, restoring: damaged)
      }
    }
  }

  @Test func copiesDoNotShareState() throws {
    let specification = try FeatureSpecification([("a", "ema(3)")])
    let candles = randomCandles(seed: 4, count: 10, gaps: false)
    var first = FeaturePipeline(specification, timeframe: .hour)
    for candle in candles.prefix(5) { _ = push(candle, &first) }
    var second = first
    let row = push(candles[5], &first)
    #expect(same(push(candles[5], &second), row))
  }
}

/// The row of one candle.
func push(_ candle: Candle, _ pipeline: inout FeaturePipeline) -> [Double] {
  var row = [Double](repeating: 0, count: pipeline.specification.names.count)
  row.withUnsafeMutableBufferPointer { pipeline.push(candle, into: $0) }
  return row
}

/// Whether two rows have the same bits, one NaN being as good as another.
func same(_ a: [Double], _ b: [Double]) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
}

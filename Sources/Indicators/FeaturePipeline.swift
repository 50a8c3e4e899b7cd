import Calendars
public import Domain

/// Streaming features of one series: a candle in, a row out, in constant time and without
/// allocation.
///
/// `append` over columns gives the same rows bit for bit: both run the same kernels on the same
/// memory, so either may continue where the other stopped.
public struct FeaturePipeline: @unchecked Sendable {
  /// What is computed.
  public let specification: FeatureSpecification
  /// The distance of candles.
  public let timeframe: Timeframe
  /// When the newest candle opened; nil before the first.
  public private(set) var lastTime: Instant?

  /// When candles are missing, with the rule `session`; nil: when the grid says so.
  private let clock: CandleClock?

  // Unchecked because of the pointers in `memory`, which is never shared by two pipelines that
  // change: `makeUnique` comes before every change.
  var memory: FeatureMemory
  var lastClose = 0.0
  /// Candles since the start, the last reset, or the last gap that leaves values missing, capped.
  var age = 0
  static let oldestAge = 1 << 40

  /// A pipeline that has seen no candle.
  public init(_ specification: FeatureSpecification, timeframe: Timeframe) {
    self.specification = specification
    self.timeframe = timeframe
    clock = specification.calendar.map { CandleClock(timeframe, calendar: $0) }
    memory = FeatureMemory(specification.program)
  }

  /// Takes the next candle, which must be later than the last and hold finite numbers, and writes
  /// the row of features; NaN is a missing value. `row` has room for all names.
  public mutating func push(_ candle: Candle, into row: UnsafeMutableBufferPointer<Double>) {
    precondition(row.count >= specification.names.count, "the row is too short")
    makeUnique()
    cross(to: candle.time)
    step(candle)
    memory.finish(into: row)
    remember(candle.time, candle.close)
  }

  /// Accounts for candles that are missing before `time`.
  @inline(__always)
  mutating func cross(to time: Instant) {
    guard let lastTime else { return }
    precondition(time > lastTime, "candles must come in the order of their times")
    let distance = (time - lastTime).milliseconds
    if distance > timeframe.span.milliseconds {
      if clock == nil {
        let span = timeframe.span
        fill(Int((distance - 1) / span.milliseconds)) { lastTime + span * $0 }
      } else {
        let missing = missing(after: lastTime, before: time)
        fill(missing.count) { missing[Int($0) - 1] }
      }
    }
  }

  /// The candles that the market was open for; one more than are carried is enough to know.
  private func missing(after first: Instant, before last: Instant) -> [Instant] {
    clock?.missing(after: first, before: last, limit: GapRule.maximumCarriedCandles + 1) ?? []
  }

  /// Whether a candle follows another without one that is missing.
  @inline(__always)
  func isNext(_ time: Int64, after before: Int64) -> Bool {
    if time - before <= timeframe.span.milliseconds { return true }
    return clock != nil
      && missing(after: Instant(milliseconds: before), before: Instant(milliseconds: time)).isEmpty
  }

  /// Applies the rule for so many missing candles; `open` tells when the n-th of them opened.
  private mutating func fill(_ missing: Int, open: (Int64) -> Instant) {
    guard missing > 0 else { return }
    switch specification.gapRule {
    case .bridge: break
    case .missing: age = 0
    case .carry where missing <= GapRule.maximumCarriedCandles,
      .session where missing <= GapRule.maximumCarriedCandles:
      for n in 1...missing {
        step(
          Candle(
            time: open(Int64(n)), open: lastClose, high: lastClose,
            low: lastClose, close: lastClose, volume: 0))
      }
    case .carry, .session, .reset:
      memory.reset()
      age = 0
    }
  }

  @inline(__always)
  private mutating func step(_ candle: Candle) {
    memory.step(candle, age: age)
    if age < Self.oldestAge { age += 1 }
  }

  mutating func remember(_ time: Instant, _ close: Double) {
    lastTime = time
    lastClose = close
  }

  @inline(__always)
  mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&memory) { memory = memory.copy() }
  }

  mutating func restore(lastTime: Instant?, lastClose: Double, age: Int) {
    (self.lastTime, self.lastClose, self.age) = (lastTime, lastClose, age)
  }
}

extension FeatureMemory {
  /// Sets the slots for one candle.
  @inline(__always)
  func step(_ candle: Candle, age: Int) {
    slots[Int(Column.open.rawValue)] = candle.open
    slots[Int(Column.high.rawValue)] = candle.high
    slots[Int(Column.low.rawValue)] = candle.low
    slots[Int(Column.close.rawValue)] = candle.close
    slots[Int(Column.volume.rawValue)] = candle.volume
    slots[Int(Column.time.rawValue)] = Double(candle.time.milliseconds)
    if !program.derivedColumns.isEmpty {
      slots[Int(Column.hl2.rawValue)] = Column.hl2(candle.high, candle.low)
      slots[Int(Column.hlc3.rawValue)] = Column.hlc3(candle.high, candle.low, candle.close)
      slots[Int(Column.ohlc4.rawValue)] = Column.ohlc4(
        candle.open, candle.high, candle.low, candle.close)
    }
    let slots = slots
    let kernels = kernels
    for operation in program.operations {
      operation.kind.accept(
        KernelStep(operation: operation, kernels: kernels, slots: slots, age: age))
    }
  }

  /// Writes the features of the slots to a row.
  @inline(__always)
  func finish(into row: UnsafeMutableBufferPointer<Double>) {
    let slots = slots
    let features = program.featureSlots
    for index in features.indices where features[index] >= 0 { row[index] = slots[features[index]] }
    guard program.hasFormulas else { return }
    for index in features.indices where features[index] < 0 {
      guard case .steps(let steps) = program.formulas[index] else { continue }
      row[index] = Formula.value(of: steps, stack) { slots[$0] }
    }
  }
}

/// One step of one kernel, in place.
private struct KernelStep: KernelVisitor {
  var operation: FeatureProgram.Operation
  var kernels: UnsafeMutableRawPointer
  var slots: UnsafeMutablePointer<Double>
  var age: Int

  @inline(__always)
  func visit<K: Kernel>(_: K.Type) {
    let inputs = operation.inputs
    let values = (kernels + operation.kernel).assumingMemoryBound(to: K.self).pointee.step(
      slots[Int(inputs.0)], slots[Int(inputs.1)], slots[Int(inputs.2)], slots[Int(inputs.3)],
      (kernels + operation.window).assumingMemoryBound(to: Double.self))
    let output = slots + Int(operation.output)
    if age < Int(operation.lookback) {
      for index in 0..<K.outputCount { output[index] = .nan }
      return
    }
    output[0] = values.a
    if K.outputCount > 1 { output[1] = values.b }
    if K.outputCount > 2 { output[2] = values.c }
    if K.outputCount > 3 { output[3] = values.d }
  }
}

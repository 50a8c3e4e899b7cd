public import Domain

extension FeaturePipeline {
  private static let mark: UInt64 = 0x3153_4654_4152_4143  // "CARATFS1", little-endian
  private static let headerWords = 7

  /// The state after the newest candle, to go on from elsewhere: a mark with the layout's version,
  /// a fingerprint of the specification and timeframe, the last candle's time and close, all kernels
  /// and windows, and a checksum; little-endian words of 64 bits.
  public func savedState() -> [UInt8] {
    var coder = StateCoder()
    var (mark, print) = (Self.mark, fingerprint)
    var (time, close, age, hasTime) = (
      lastTime?.milliseconds ?? 0, lastClose, age, lastTime != nil
    )
    coder.word(&mark)
    coder.word(&print)
    coder.flag(&hasTime)
    coder.integer(&time)
    coder.number(&close)
    coder.count(&age, through: Self.oldestAge)
    memory.code(&coder)
    var sum = StateCoder.checksum(coder.words)
    coder.word(&sum)
    return StateCoder.bytes(coder.words)
  }

  /// A pipeline that goes on from a saved state.
  ///
  /// - Throws: `Fault` for the state of another specification, timeframe or version, and for bytes
  ///   that are cut off or damaged.
  public init(
    _ specification: FeatureSpecification, timeframe: Timeframe, restoring state: [UInt8]
  ) throws(Fault) {
    self.init(specification, timeframe: timeframe)
    guard state.count >= 8 * Self.headerWords, state.count % 8 == 0 else {
      throw Self.fault("it is cut off: \(state.count) bytes")
    }
    var words = StateCoder.words(state)
    let sum = words.removeLast()
    var coder = StateCoder(reading: words)
    var (mark, print) = (UInt64(0), UInt64(0))
    var (time, close, age, hasTime) = (Int64(0), 0.0, 0, false)
    coder.word(&mark)
    guard mark == Self.mark else { throw Self.fault("it has another layout") }
    coder.word(&print)
    guard print == fingerprint else {
      throw Self.fault("it belongs to another feature set or timeframe")
    }
    guard sum == StateCoder.checksum(words) else { throw Self.fault("its checksum is wrong") }
    coder.flag(&hasTime)
    coder.integer(&time)
    coder.number(&close)
    coder.count(&age, through: Self.oldestAge)
    memory.code(&coder)
    guard coder.isValid, coder.isAtEnd else { throw Self.fault("its length or an index is wrong") }
    restore(
      lastTime: hasTime ? Instant(milliseconds: time) : nil, lastClose: close, age: age)
  }

  private var fingerprint: UInt64 {
    StateCoder.checksum([
      specification.fingerprint, UInt64(bitPattern: timeframe.span.milliseconds),
    ])
  }

  private static func fault(_ cause: String) -> Fault {
    Fault(
      "restore", "the state of features", cause: cause,
      remedy: "compute the features again from an earlier state or from the first candle",
      exit: .data)
  }
}

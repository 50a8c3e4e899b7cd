public import Domain

/// What was traded, as far as closed candles tell: a pure function of (seed, candles).
///
/// Each candle becomes four prints: its open, its two extremes in an order that the seed draws, and
/// its close. Their sizes sum to the candle's volume, and none is known before its candle has closed.
public struct Tape: Hashable, Sendable {
  /// A trade of others that resting orders may have a part in.
  public struct Print: Hashable, Sendable {
    /// Which price of its candle it is.
    public enum Kind: String, Hashable, Sendable {
      /// The first.
      case open
      /// The highest.
      case high
      /// The lowest.
      case low
      /// The last.
      case close
    }

    /// Which price of its candle it is.
    public var kind: Kind
    /// The price.
    public var price: Amount
    /// The size, in the base asset; nil when the source tells no volume.
    public var size: Amount?
    /// Since when it certainly was to come: the candle's open, but for the close, which is the
    /// candle's last moment. An order that came after the open may have missed every extreme.
    public var certainSince: Instant
  }

  /// The draw of the extremes' order.
  public var seed: UInt64
  /// The closed candles of each contract, in order.
  public private(set) var bars: [ContractID: [Bar]]

  /// A tape of a seed, empty unless told otherwise. Bars are in order, and none begins before the one
  /// before it has closed.
  public init(seed: UInt64 = 0, bars: [ContractID: [Bar]] = [:]) {
    self.seed = seed
    self.bars = [:]
    for (contract, bars) in bars { append(bars, to: contract) }
  }

  /// Adds the bars that follow.
  public mutating func append(_ more: [Bar], to contract: ContractID) {
    var all = bars[contract] ?? []
    for bar in more {
      precondition(all.last.map { $0.close <= bar.open } ?? true, "\(contract): bars overlap")
      all.append(bar)
    }
    bars[contract] = all
  }

  /// The bars of a contract that closed after `after` and by `through`.
  public func closed(
    _ contract: ContractID, after: Instant, through: Instant
  ) -> ArraySlice<Bar> {
    guard let all = bars[contract] else { return [] }
    let first = Self.index(of: after, in: all)
    let end = Self.index(of: through, in: all)
    return first < end ? all[first..<end] : []
  }

  /// How many bars closed by a time.
  private static func index(of time: Instant, in bars: [Bar]) -> Int {
    var (low, high) = (0, bars.count)
    while low < high {
      let middle = (low + high) / 2
      if bars[middle].close <= time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The prints of a bar, in their order.
  ///
  /// - Throws: `AmountError` never, since parts of a volume fit.
  public func prints(of bar: Bar, _ contract: ContractID) throws(AmountError) -> [Print] {
    let quarter = try bar.volume.map { (volume) throws(AmountError) -> Amount in
      try volume.divided(by: Amount(4), rounding: .down)
    }
    let rest = try bar.volume.map { (volume) throws(AmountError) -> Amount in
      try volume.subtracting((quarter ?? .zero).multiplied(by: Amount(3)))
    }
    let high = Print(kind: .high, price: bar.high, size: quarter, certainSince: bar.open)
    let low = Print(kind: .low, price: bar.low, size: quarter, certainSince: bar.open)
    let extremes = highComesFirst(bar.open, contract) ? [high, low] : [low, high]
    return [Print(kind: .open, price: bar.first, size: quarter, certainSince: bar.open)]
      + extremes
      + [
        Print(
          kind: .close, price: bar.last, size: rest, certainSince: bar.close - .milliseconds(1))
      ]
  }

  /// One bit of a hash of seed, contract and time (FNV-1a, then SplitMix64's finish).
  private func highComesFirst(_ time: Instant, _ contract: ContractID) -> Bool {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed
    for byte in contract.text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash = hash &+ UInt64(bitPattern: time.milliseconds) &* 0x9e37_79b9_7f4a_7c15
    hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
    return (hash ^ (hash >> 31)) & 1 == 0
  }
}

extension Tape {
  /// The bars of a coarse series, each replaced by those of a finer one where these fill it without a
  /// gap: what the finer candles say of an hour is nearer to the truth than four prints.
  public static func refined(_ coarse: [Bar], by fine: [Bar]) -> [Bar] {
    var result: [Bar] = []
    var index = 0
    for bar in coarse {
      while index < fine.count, fine[index].open < bar.open { index += 1 }
      var end = index
      var reached = bar.open
      while end < fine.count, fine[end].open == reached, fine[end].close <= bar.close {
        reached = fine[end].close
        end += 1
      }
      if reached == bar.close { result += fine[index..<end] } else { result.append(bar) }
      index = end
    }
    return result
  }
}

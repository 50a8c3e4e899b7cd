public import Domain

/// How kind the market is to our orders: one model for paper, rehearsal, backtest and box.
public struct FillModel: Hashable, Sendable {
  /// How much worse than the reference a taker is filled.
  public var slippage: Slippage
  /// The most of a candle's volume that our orders may be of; nil: any part of a volume that is not
  /// zero.
  public var participation: Rate?
  /// The part of a print at exactly our limit that is ours, the rest being before us in the queue.
  public var queueShare: Rate
  /// Whether a print must be beyond a limit to fill it; else one at the limit does.
  public var isTouchStrict: Bool
  /// The oldest that a price may be to trade on; nil: any age.
  public var maximumPriceAge: TimeSpan?
  /// Whether a limit must reach the price at which a taker is filled, as it must where bid and ask are
  /// quoted; else it must reach the reference, and the slippage ends at it.
  public var isQuoted: Bool

  /// A model of these parts: by default no cap, no queue, filled by a touch.
  public init(
    slippage: Slippage, participation: Rate? = nil, queueShare: Rate = .one,
    isTouchStrict: Bool = false, maximumPriceAge: TimeSpan? = nil, isQuoted: Bool = false
  ) {
    self.isQuoted = isQuoted
    self.slippage = slippage
    self.participation = participation
    self.queueShare = queueShare
    self.isTouchStrict = isTouchStrict
    self.maximumPriceAge = maximumPriceAge
  }

  /// Why the model cannot be used; nil when it can.
  ///
  /// A cap on a share of the volume means nothing where the source tells none.
  public func defect(sourceHasVolume: Bool) -> String? {
    if let participation {
      if !sourceHasVolume {
        return "a participation cap needs volumes, and this source has none (volume: none)"
      }
      if participation.isNegative || participation > .one || participation == .zero {
        return "a participation of \(participation) is not above 0 and at most 1"
      }
    }
    if queueShare.isNegative || queueShare > .one {
      return "a queue share of \(queueShare) is not from 0 to 1"
    }
    switch slippage {
    case .fixed(let rate) where rate.isNegative || rate >= .one:
      return "a slippage of \(rate) is not from 0 to below 1"
    case .spread(let rate) where rate.isNegative || rate >= .one:
      return "a spread of \(rate) is not from 0 to below 1"
    case .volumeShare(let impact, let limit)
    where impact.isNegative || limit.isNegative || limit > .one:
      return "a volume-share slippage of \(impact) up to \(limit) is not from 0 to 1"
    case .volumeShare where !sourceHasVolume:
      return "a volume-share slippage needs volumes, and this source has none (volume: none)"
    default: return nil
    }
  }

  /// The most that a taker may take of what the last closed candle's volume leaves, before rounding to
  /// a lot; nil: any.
  func takerCapacity(volume: Amount?, taken: Amount) throws(AmountError) -> Amount? {
    guard let volume else { return nil }
    guard volume > .zero else { return .zero }
    guard let participation else { return nil }
    let whole = try volume.multiplied(by: participation.amount, rounding: .down)
    return max(.zero, try whole.subtracting(taken))
  }

  /// The most that resting orders may take of a print; nil: any.
  func makerCapacity(
    _ print: Tape.Print, isTouch: Bool
  ) throws(AmountError) -> Amount? {
    guard let size = print.size else { return nil }
    guard size > .zero else { return .zero }
    var capacity: Amount?
    if let participation {
      capacity = try size.multiplied(by: participation.amount, rounding: .down)
    }
    if isTouch, queueShare < .one {
      let share = try size.multiplied(by: queueShare.amount, rounding: .down)
      capacity = min(capacity ?? share, share)
    }
    return capacity
  }
}

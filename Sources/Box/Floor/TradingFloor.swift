public import Domain
public import Exchange

/// The exchange behind every skin: the core, fed with the market's minutes as time passes, and the
/// record of what happened.
public struct TradingFloor: Sendable {
  /// One contract with its prices.
  public struct Listed: Sendable {
    /// The contract's id.
    public let id: ContractID
    /// Its rules.
    public let instrument: Instrument
    /// Its prices.
    public let series: any PriceSeries
  }

  /// How many ordinary minutes' trade stands in the book.
  static let bookMinutes = 60.0
  /// Bid and ask are this far apart, as a part of the price: two basis points.
  static let spread = Rate(Amount(units: 200_000_000))

  /// The exchange itself.
  public internal(set) var core: ExchangeCore
  /// The contracts in the order of their names.
  public let listed: [Listed]
  /// What happened, as lines of JSON that nobody has taken yet.
  public var journal = FloorJournal()
  /// By how much the clock that the venue shows, and judges requests by, is ahead of the exchange's.
  public var skew = TimeSpan.zero
  /// The venue's name.
  public let venue: String
  private let byName: [String: Int]
  /// The minute up to which the market was played.
  private var played: Instant

  /// An exchange that opens at a time.
  ///
  /// - Parameters:
  ///   - name: the venue's own name of a pair.
  /// - Throws: `Fault` when two pairs would have one name.
  public init(
    venue: String, _ market: BoxMarket, fees: FeeSchedule, opening: Instant,
    name: (Symbol) -> String
  ) throws(Fault) {
    self.venue = venue
    core = ExchangeCore(
      model: FillModel(
        slippage: .spread(Self.spread), participation: .one, isQuoted: true), at: opening)
    played = KlineInterval.span(.minutes(1)).open(at: opening)
    var byName: [String: Int] = [:]
    var listed: [Listed] = []
    for listing in market.listings {
      let text = name(listing.symbol)
      if let other = byName[text] {
        throw Fault(
          "serve", "\(listing.symbol)",
          cause: "\(listed[other].instrument.symbol) would be called \(text) too",
          remedy: "remove one of them from the folder", exit: .data)
      }
      byName[text] = listed.count
      listed.append(
        Listed(
          id: ContractID(venue: venue, text), instrument: listing.instrument,
          series: listing.series))
    }
    self.listed = listed
    self.byName = byName
    for one in listed {
      var contract = Contract(one.instrument, venue: venue, fees: fees)
      contract.id = one.id
      _ = core.operate(.list(contract), at: opening)
      // The newest minute before the opening tells the price; a market that was closed for long is
      // asked for its last days.
      for back in [TimeSpan.hours(1), .days(7), .days(60)] {
        let minutes = one.series.candles(.minutes(1), from: played - back, before: played)
        guard let last = minutes.last, let bar = Self.bar(of: last, one) else { continue }
        _ = core.operate(.note(one.id, bar), at: opening)
        break
      }
    }
    _ = core.takeEvents()
  }

  /// What the clock shows that the venue judges requests by.
  public var shownTime: Instant { core.now + skew }

  /// The contract of a name.
  public func contract(_ name: String) -> Listed? { byName[name].map { listed[$0] } }

  /// Gives an account what it begins with.
  public mutating func deposit(_ money: Money, to account: String) -> Reason? {
    let reason = core.operate(.transfer(account: account, money, why: "deposit"), at: core.now)
    journal.note(core.takeEvents(), core)
    return reason
  }

  /// Lets time pass: the market's minutes that closed meanwhile are matched.
  public mutating func advance(to time: Instant) {
    guard time > core.now else { return }
    let minute = KlineInterval.span(.minutes(1)).open(at: time)
    var bars: [ContractID: [Bar]] = [:]
    if minute > played {
      for one in listed {
        bars[one.id] = one.series.candles(.minutes(1), from: played, before: minute)
          .compactMap { Self.bar(of: $0, one) }
      }
      played = minute
    }
    journal.note(core.advance(to: time, Tape(bars: bars)), core)
  }

  /// Asks the core and writes down what happened.
  public mutating func handle(
    _ call: Call, as account: String, validUntil: Instant? = nil
  ) -> Answer {
    let answer = core.handle(call, as: account, at: core.now)
    journal.note(core.takeEvents(), core)
    return answer
  }

  /// A minute as the core sees it: its volume is at least what ordinarily stands in the book; nil for
  /// a price that is no amount.
  private static func bar(of candle: Candle, _ listed: Listed) -> Bar? {
    var candle = candle
    candle.volume = max(candle.volume, listed.series.minuteVolume * bookMinutes)
    do throws(AmountError) {
      return try Bar(candle, close: candle.time + .minutes(1))
    } catch {
      // A price below 10^-12 or a volume beyond all numbers cannot be traded, and is no price.
      return nil
    }
  }
}

public import Domain

/// Trading rules for instruments whose source knows none: candle files, the simulated market and
/// the exchange in the box use the same, so that one series gives the same orders on each route.
///
/// The numbers are of the size that Binance uses for pairs of that quote, and for US shares a
/// broker with fractional shares.
public enum InstrumentRules {
  /// The rules of a symbol, by its quote alone.
  public static func defaults(for symbol: Symbol) -> Instrument {
    let rule = rules[symbol.quote] ?? other
    return Instrument(
      symbol: symbol, tick: rule.tick, lot: rule.lot, minimumNotional: rule.minimumNotional)
  }

  /// The rules of a symbol whose source knows none: those of its quote, with the step of prices that
  /// its own candles are written in where that is finer. A coin at 0.0001 has no step of a cent.
  static func derived(for symbol: Symbol, from candles: some Sequence<Candle>) -> Instrument {
    var rules = defaults(for: symbol)
    if let decimals = PriceDigits.decimals(of: candles) {
      rules.tick = min(rules.tick, power(-decimals))
    }
    return rules
  }

  /// Rules that somebody gives for a symbol; nil: as derived.
  public struct Override: Hashable, Sendable {
    /// The step of prices.
    public var tick: Amount?
    /// The step of quantities.
    public var lot: Amount?
    /// The least value of an order.
    public var minimumNotional: Amount?

    /// Rules of these parts.
    public init(tick: Amount? = nil, lot: Amount? = nil, minimumNotional: Amount? = nil) {
      (self.tick, self.lot, self.minimumNotional) = (tick, lot, minimumNotional)
    }

    func applied(to instrument: Instrument) -> Instrument {
      Instrument(
        symbol: instrument.symbol, tick: tick ?? instrument.tick, lot: lot ?? instrument.lot,
        minimumNotional: minimumNotional ?? instrument.minimumNotional,
        filters: instrument.filters)
    }
  }

  private struct Rule {
    let tick: Amount
    let lot: Amount
    let minimumNotional: Amount
  }

  private static let rules: [String: Rule] = {
    let dollarCoin = Rule(tick: hundredth, lot: power(-5), minimumNotional: Amount(5))
    let money = Rule(tick: hundredth, lot: power(-3), minimumNotional: .one)
    return [
      "BTC": Rule(tick: power(-8), lot: power(-3), minimumNotional: power(-4)),
      "ETH": Rule(tick: power(-6), lot: power(-3), minimumNotional: power(-3)),
      "BNB": Rule(tick: power(-5), lot: power(-3), minimumNotional: power(-2)),
      "USDT": dollarCoin, "USDC": dollarCoin, "FDUSD": dollarCoin,
      "USD": money, "EUR": money, "GBP": money,
    ]
  }()

  private static let other = Rule(
    tick: power(-6), lot: power(-4), minimumNotional: power(-4))
  private static let hundredth = power(-2)

  /// Ten to a power from -12 to 0.
  private static func power(_ exponent: Int) -> Amount {
    var units: Int128 = 1
    for _ in 0..<(Amount.scaleDigits + exponent) { units *= 10 }
    return Amount(units: units)
  }
}

import Domain
import Portfolio
import Settings
import StrictYAML
import Venues

/// What a rebalance is told: whose money, by which scores, to which weights.
struct RebalanceParameters: Sendable {
  /// The account's name.
  var account: String
  /// The account.
  var settings: AccountSettings
  /// The job whose scores are used.
  var scores: JobName
  /// Scores to weights.
  var rule: TargetRule
  /// Drift up to this is left alone.
  var band: Amount
  /// No order is worth less.
  var minimumNotional: Amount
  /// How much worse than the last close a limit order may fill, as a fraction of it; nil: market
  /// orders.
  var limitOffset: Amount?
  /// The oldest that scores may be, counted from the slot, and prices, counted from now.
  var maximumAge: TimeSpan
  /// The least part of the instruments that must have a score.
  var quorum: Amount
  /// How long purchases wait for sales that are not done.
  var salesWithin: TimeSpan
  /// How many returns the sizing looks at.
  var lookback: Int

  /// The farthest from the last close that a limit order may be placed: beyond that it is a slip of
  /// the finger.
  static let maximumLimitOffset = Amount(units: 100_000_000_000)  // 0.1

  /// Reads the parameters; nil when there was an error, which is in the log.
  init?(_ reader: MappingReader, _ settings: Settings, _ timeframe: Timeframe) {
    let chosen = AccountChoice(reader, settings)
    account = chosen.name
    let fraction = "a fraction from 0 to 1"
    func part(_ key: String, _ standard: String) -> Amount {
      reader.value(key, expected: fraction) {
        Amount($0).flatMap { !$0.isNegative && $0 <= .one ? $0 : nil }
      } ?? Amount(standard) ?? .zero
    }
    let weighting: TargetRule.Weighting = reader.choice("weighting") ?? .equal
    rule = TargetRule(
      top: reader.integer("top", in: 1...10_000) ?? 5, weighting: weighting,
      maximumWeight: part("max-weight", "0.25"), cashBuffer: part("cash-buffer", "0.02"),
      threshold: reader.number("threshold") ?? 0, bet: Self.bet(reader, weighting))
    band = part("band", "0.01")
    quorum = part("quorum", "0.8")
    salesWithin = reader.span("sales-within") ?? .minutes(1)
    lookback = reader.integer("lookback", in: 2...10_000) ?? 60
    minimumNotional = reader.amount("min-notional") ?? .zero
    limitOffset =
      reader.contains("limit-offset")
      ? reader.value("limit-offset", expected: "a fraction from 0 to \(Self.maximumLimitOffset)") {
        Amount($0).flatMap { !$0.isNegative && $0 <= Self.maximumLimitOffset ? $0 : nil }
      } : nil
    maximumAge = reader.span("max-age") ?? timeframe.span * 2
    let jobName = reader.jobName("scores")
    guard let job = jobName ?? JobName("infer"), let own = chosen.settings else { return nil }
    scores = job
    self.settings = own
  }

  /// What trading costs, as fractions.
  func costs() throws(AmountError) -> TradingCosts {
    TradingCosts(
      fee: try settings.feeBasisPoints.divided(by: Amount(10_000)),
      slippage: try settings.slippageBasisPoints.divided(by: Amount(10_000)))
  }

  /// What Kelly's bet is on: asked for where it is used, and refused elsewhere.
  private static func bet(
    _ reader: MappingReader, _ weighting: TargetRule.Weighting
  ) -> KellyBet? {
    let payoff = reader.number("payoff")
    let fraction = reader.number("kelly-fraction") ?? 0.5
    guard weighting == .kelly else { return nil }
    guard let payoff, payoff > 0, payoff.isFinite else {
      reader.log.error(
        at: reader.value("payoff") ?? reader.node,
        "`weighting: kelly` needs `payoff`: what a win brings for each unit that a loss costs",
        mend: "measure it on past trades, and add e.g. `payoff: 1.2`")
      return nil
    }
    guard fraction > 0, fraction <= 1 else {
      reader.log.error(
        at: reader.value("kelly-fraction") ?? reader.node,
        "`kelly-fraction` must be above 0 and at most 1")
      return nil
    }
    return KellyBet(payoff: payoff, fraction: fraction)
  }

  /// Whether the account's orders can go where they are to go.
  func check(_ universe: Universe, _ reader: MappingReader) {
    if !universe.hasVolume {
      let caps = [
        settings.participation.map { _ in "participation" },
        settings.limits.volumeShare.map { _ in "volume-share" },
      ]
      for cap in caps.compactMap(\.self) {
        reader.log.error(
          at: reader.value("account") ?? reader.node,
          "account `\(account)` caps its part of the volume (`\(cap)`), and venue `\(universe.venue)` "
            + "tells none (`volume: none`)",
          mend: "leave out `\(cap)`, or trade where volumes are known")
      }
    }
    checkSwitch(universe, reader)
    settings.checkPlace(account, universe, reader)
  }

  /// Whether what is to cancel orders that were left alone exists.
  private func checkSwitch(_ universe: Universe, _ reader: MappingReader) {
    guard settings.cancelAllAfter != nil else { return }
    let cause: String
    switch (settings.execution, universe.exchange?.kind) {
    case (.paper, _): cause = "on paper no order outlives its rebalance unseen"
    case (_, .kraken): return
    case (_, .binance): cause = "Binance Spot has no switch that cancels orders by itself"
    case (_, _): cause = "venue `\(universe.venue)` has none"
    }
    reader.log.error(
      at: reader.value("account") ?? reader.node,
      "account `\(account)` has `cancel-all-after`, and \(cause)",
      mend: "leave out `cancel-all-after`, or trade at a venue of `kind: kraken`")
  }

  /// Whether the symbols that are named suit the account, and the rule its own band.
  func check(_ symbols: [Symbol], _ reader: MappingReader) {
    let node = reader.value("symbols") ?? reader.node
    for symbol in AccountFit.foreign(symbols, quote: settings.quote) {
      let refusal = AccountFit.refusal(of: symbol, account: account, quote: settings.quote)
      reader.log.error(at: node, refusal.message, mend: refusal.mend)
    }
    do {
      if try rule.isNeverCorrected(band: band) {
        reader.log.warning(
          at: reader.value("band") ?? reader.value("top") ?? reader.node,
          "a place of (1 - cash-buffer) / top lies within `band`: weights are never corrected, "
            + "only bought and sold whole",
          mend: "make `band` or `top` smaller")
      }
    } catch {
      reader.log.error(at: reader.node, "`top`, `cash-buffer` and `band` do not fit together")
    }
  }
}

extension AccountSettings {
  /// What the gate lets pass at most.
  var bounds: OrderBounds {
    OrderBounds(
      collar: limits.collar, order: limits.order, turnover: limits.rebalance, day: limits.day,
      ordersPerDay: limits.ordersPerDay, ordersPerMinute: limits.ordersPerMinute,
      shareOfVolume: limits.volumeShare)
  }
}

extension Zone {
  /// When the day of an instant began.
  func startOfDay(_ time: Instant) -> Instant {
    firstInstant(of: CivilDateTime(date: civil(at: time).date))
  }
}

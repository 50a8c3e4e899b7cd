import Domain
import Portfolio
import Settings
import StrictYAML

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
  /// The oldest that scores and prices may be, counted from the slot.
  var maximumAge: TimeSpan

  /// Reads the parameters; nil when there was an error, which is in the log.
  init?(_ reader: MappingReader, _ settings: Settings, _ timeframe: Timeframe) {
    let accountNode = reader.value("account")
    account = accountNode?.text ?? settings.accounts.keys.min() ?? ""
    if accountNode == nil, settings.accounts.count > 1 {
      reader.log.error(
        at: reader.node, "there are several accounts, and `account` does not say which",
        mend: "add `account: \(account)`")
    }
    let fraction = "a fraction from 0 to 1"
    func part(_ key: String, _ standard: String) -> Amount {
      reader.value(key, expected: fraction) {
        Amount($0).flatMap { !$0.isNegative && $0 <= .one ? $0 : nil }
      } ?? Amount(standard) ?? .zero
    }
    let threshold = reader.number("threshold") ?? 0
    rule = TargetRule(
      top: reader.integer("top", in: 1...10_000) ?? 5,
      weighting: reader.choice("weighting") ?? .equal, maximumWeight: part("max-weight", "0.25"),
      cashBuffer: part("cash-buffer", "0.02"), threshold: threshold)
    band = part("band", "0.01")
    minimumNotional = reader.amount("min-notional") ?? .zero
    limitOffset = reader.contains("limit-offset") ? part("limit-offset", "0") : nil
    maximumAge = reader.span("max-age") ?? timeframe.span * 2
    let jobName = reader.jobName("scores")
    guard let job = jobName ?? JobName("infer"), let own = settings.accounts[account] else {
      let mend = Spelling.nearest(account, among: settings.accounts.keys).map {
        "did you mean `\($0)`?"
      }
      reader.log.error(
        at: accountNode ?? reader.node, "no account named `\(account)`", mend: mend)
      return nil
    }
    scores = job
    self.settings = own
  }

  /// What trading costs, as fractions.
  func costs() throws(AmountError) -> TradingCosts {
    TradingCosts(
      fee: try settings.feeBasisPoints.divided(by: Amount(10_000)),
      slippage: try settings.slippageBasisPoints.divided(by: Amount(10_000)))
  }
}

public import Domain

/// What an account would have to trade to come from its holdings to its targets: a value, made from
/// values, that does nothing.
///
/// - Only a finite score that loses its place sells. Without a score, a fresh price or a market, what
///   is held stays, and its worth is taken off what the others may get.
/// - The band holds back corrections, never a full exit or a first entry.
/// - Sales go first and alone: purchases are made by a later round, from the cash that is there by
///   then. A plan without sales buys from the cash that is there now, above the buffer.
public struct RebalancePlan: Hashable, Sendable {
  /// What the account is worth, by the one valuation.
  public var valuation: Valuation
  /// One line for each instrument that is on the list, held or under way, by symbol.
  public var lines: [Line]
  /// The orders, by symbol: all sales, or all purchases.
  public var orders: [Order]
  /// What a person should know of it, in words.
  public var warnings: [String]

  /// An instrument's way from holding to target.
  public struct Line: Hashable, Sendable {
    /// The instrument.
    public var symbol: Symbol
    /// The model's score, if it gave one.
    public var score: Double?
    /// The price that values the holding, in the quote asset.
    public var price: Amount?
    /// The quantity held, working orders counted as done.
    public var quantity: Amount
    /// The weight of the holding in the equity; zero where that is not known.
    public var weight: Amount
    /// The weight wanted, and why.
    public var target: Target
    /// What follows.
    public var decision: Decision
    /// What made an order smaller than its target asks for; nil where nothing did.
    public var cut: String?
  }

  /// What is done about an instrument.
  public enum Decision: Hashable, Sendable {
    /// Buy so much of the base asset.
    case buy(Amount)
    /// Sell so much of the base asset.
    case sell(Amount)
    /// Buy about so much of the base asset in a later round, once the sales have brought the cash.
    case later(Amount)
    /// Nothing, for a reason.
    case hold(Hold)
  }

  /// Whether purchases wait for the sales of this plan.
  public var waitsForSales: Bool {
    lines.contains { if case .later = $0.decision { true } else { false } }
  }

  /// The equity that the weights refer to, in the quote asset; nil when it is not known.
  public var equity: Amount? { valuation.equity }

  /// Plans the trades from holdings to targets.
  ///
  /// Quantities are rounded towards zero to the lot, so that no order is larger than wanted; an exit
  /// sells the whole holding, but for what is below a lot.
  ///
  /// - Throws: `AmountError` when a product does not fit.
  public init(_ input: Input) throws(AmountError) {
    let valuation = try Valuation(
      input.book, at: Rates(quote: input.book.quote, prices: input.rates))
    var draft = try PlanDraft(input, valuation)
    try draft.fitPurchases()
    self.valuation = valuation
    lines = draft.lines
    warnings = try draft.warnings()
    orders = try draft.orders()
  }
}

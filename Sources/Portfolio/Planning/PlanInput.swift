public import Domain

extension RebalancePlan {
  /// What a plan is made from.
  public struct Input: Sendable {
    /// The rebalance run's job and slot.
    public var slot: Slot
    /// What the account holds and has under way.
    public var book: Book
    /// The symbols that the job may trade, each once.
    public var members: [Symbol]
    /// The trading rules, of members and of whatever else is held.
    public var instruments: [Symbol: Instrument]
    /// Why an instrument cannot be traded now: halted, delisted, quarantined.
    public var barred: [Symbol: String]
    /// The last price of each instrument, of any age.
    public var rates: [Symbol: Mark]
    /// A price before this is too old to trade on.
    public var freshSince: Instant
    /// The finite scores.
    public var scores: [Symbol: Double]
    /// Why a member has no score.
    public var silences: [Symbol: String]
    /// Scores to weights.
    public var rule: TargetRule
    /// What the sizing of the rule needs beyond the scores.
    public var facts: SizingFacts
    /// Drift up to this, in weight, is left alone; full exits and first entries are not.
    public var band: Amount
    /// No purchase and no trim is worth less than this, in the quote asset, whatever the venue
    /// allows.
    public var minimumNotional: Amount
    /// What trading is assumed to cost.
    public var costs: TradingCosts
    /// How far from the last close limit orders are placed, as a fraction; nil for market orders.
    public var limitOffset: Amount?
    /// What a limit of risk or a halt forbids or demands.
    public var restraint: Restraint?
    /// The first leg of each instrument that no order of this slot has used.
    public var nextLeg: [Symbol: Int]

    /// The input of these parts.
    public init(
      slot: Slot, book: Book, members: [Symbol], instruments: [Symbol: Instrument],
      barred: [Symbol: String] = [:], rates: [Symbol: Mark], freshSince: Instant,
      scores: [Symbol: Double], silences: [Symbol: String] = [:], rule: TargetRule,
      facts: SizingFacts = SizingFacts(), band: Amount, minimumNotional: Amount,
      costs: TradingCosts, limitOffset: Amount? = nil, restraint: Restraint? = nil,
      nextLeg: [Symbol: Int] = [:]
    ) {
      self.slot = slot
      self.book = book
      self.members = members
      self.instruments = instruments
      self.barred = barred
      self.rates = rates
      self.freshSince = freshSince
      self.scores = scores
      self.silences = silences
      self.rule = rule
      self.facts = facts
      self.band = band
      self.minimumNotional = minimumNotional
      self.costs = costs
      self.limitOffset = limitOffset
      self.restraint = restraint
      self.nextLeg = nextLeg
    }

    /// What a limit of risk or a halt forbids or demands, for a reason in words.
    public enum Restraint: Hashable, Sendable {
      /// What is not held is not bought.
      case noEntries(String)
      /// Nothing is bought.
      case noPurchases(String)
      /// Everything is sold.
      case flatten(String)
    }

    /// The price of an instrument if it is fresh enough to trade on.
    func freshPrice(_ symbol: Symbol) -> Amount? {
      guard let rate = rates[symbol], rate.time >= freshSince, rate.price > .zero else {
        return nil
      }
      return rate.price
    }
  }
}

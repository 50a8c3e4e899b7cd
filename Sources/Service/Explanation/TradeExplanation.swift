public import Domain
public import Store

/// Why an instrument was or was not traded: from its orders and fills back to the plan, the limits
/// that changed it, the score, the model, the features, the candle, and the runs that made them.
public struct TradeExplanation: Sendable {
  /// An order with its trades.
  public struct Traded: Sendable {
    /// The order.
    public var order: OrderRecord
    /// What was filled of it.
    public var fills: [FillRecord]
  }

  /// What a decision is asked by.
  public enum Subject: Hashable, Sendable {
    /// An instrument: the newest decision about it.
    case symbol(Symbol)
    /// An order: the decision that it comes from.
    case order(ClientOrderID)

    /// Reads `ETH-USDT` or `car-k3v9q2m7x4hd1z`; nil for anything else.
    public init?(_ text: String) {
      if text.hasPrefix("car-") {
        self = .order(ClientOrderID(text))
      } else if let symbol = Symbol(text) {
        self = .symbol(symbol)
      } else {
        return nil
      }
    }
  }

  /// The account.
  public let account: String
  /// The instrument.
  public let symbol: Symbol
  /// The plan.
  public let plan: Plan
  /// What the plan says of the instrument.
  public let line: PlanLine
  /// Its orders of this plan.
  public let traded: [Traded]
  /// What the plan left alone, with the reason.
  public let untouched: [PlanLine]
  /// The circumstances of the plan, as it keeps them.
  public let circumstances: [JSONValue.Member]
  /// The slot of the scores.
  public private(set) var scored: Slot?
  /// The model's answer for the instrument.
  public private(set) var prediction: Prediction?
  /// The model.
  public private(set) var model: ModelRecord?
  /// The features that the model saw: names and values.
  public private(set) var features: [(name: String, value: Double)] = []
  /// The candle that the features are of.
  public private(set) var candle: Candle?
  /// The runs that made all this, in the order of the chain.
  public private(set) var runs: [RunRecord] = []

  /// The decision that is asked for, of any account unless one is named; nil when there is none.
  public init?(
    of subject: Subject, account: String?, by time: Instant, _ transaction: ReadTransaction
  ) throws {
    switch subject {
    case .symbol(let symbol):
      try self.init(of: symbol, account: account, by: time, transaction)
    case .order(let order): try self.init(of: order, transaction)
    }
  }

  /// The newest decision about a symbol at or before a time; nil when there is none.
  public init?(
    of symbol: Symbol, account: String?, by time: Instant, _ transaction: ReadTransaction
  ) throws {
    guard let plan = try transaction.plans.latest(of: symbol, account: account, by: time) else {
      return nil
    }
    try self.init(of: symbol, in: plan, transaction)
  }

  /// The decision that an order comes from; nil when there is no such order.
  public init?(of order: ClientOrderID, _ transaction: ReadTransaction) throws {
    guard let record = try transaction.orders.order(order),
      let plan = try transaction.plans.find(id: record.plan)
    else { return nil }
    try self.init(of: record.order.key.symbol, in: plan, transaction)
  }

  private init?(of symbol: Symbol, in plan: Plan, _ transaction: ReadTransaction) throws {
    let lines = try transaction.plans.lines(plan.id)
    guard let line = lines.first(where: { $0.symbol == symbol }) else { return nil }
    (self.symbol, self.plan, self.line, account) = (symbol, plan, line, plan.account)
    untouched = lines.filter { $0.decision == .hold && $0.symbol != symbol && $0.reason != nil }
    traded = try transaction.orders.ofPlan(plan.id)
      .filter { $0.order.key.symbol == symbol }
      .map { Traded(order: $0, fills: try transaction.fills.ofOrder($0.order.id)) }
    circumstances = try JSONValue.parse(Array(plan.detail.utf8)).object ?? []
    try follow(transaction)
  }

  /// From the plan back to the candle.
  private mutating func follow(_ transaction: ReadTransaction) throws {
    let scored = circumstances.first { $0.key == "scores" }?.value.string.flatMap { Slot($0) }
    self.scored = scored
    var makers: [Int64?] = []
    if let scored {
      prediction = try transaction.predictions.read(scored).first { $0.series.symbol == symbol }
      makers.append(try transaction.predictions.run(scored))
    }
    if let prediction {
      model = try transaction.models.model(sha256: prediction.model)
      if let time = prediction.time, let series = try transaction.series.find(prediction.series) {
        if let found = try transaction.candles.find(series, at: time) {
          candle = found.candle
          makers.insert(found.run, at: 0)
        }
        if let set = try prediction.featureSet.flatMap({ try transaction.features.set(id: $0) }),
          let row = try transaction.features.last(set, series, atOrBefore: time).last,
          row.time == time
        {
          features = Array(zip(set.names, row.values)).map { (name: $0.0, value: $0.1) }
          makers.insert(
            try transaction.features.run(set, series, at: time), at: min(1, makers.count))
        }
      }
    }
    makers.append(plan.run)
    var seen: Set<Int64> = []
    for id in makers.compactMap(\.self) where seen.insert(id).inserted {
      if let run = try transaction.runs.run(id) { runs.append(run) }
    }
  }
}

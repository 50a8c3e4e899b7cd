public import Domain

/// The last question before an order leaves: may it?
///
/// One gate, asked at the send call itself and by the clock of now, so that nothing decided earlier
/// can be overtaken by events. It answers with the first refusal. Shutdown is not among its questions:
/// a rebalance in flight finishes, since a plan of which only the sales were sent is worse than either
/// end of it.
public struct Gate: Hashable, Sendable {
  /// The reason of a halt in force, if there is one.
  public var halt: String?
  /// Why the account is not armed for real money, if it is not.
  public var disarmed: String?
  /// Whether what passes every other question is not sent, since the account only watches.
  public var isShadow: Bool
  /// Why the wall clock is not to be trusted, if it is not.
  public var clockSuspicion: String?
  /// Now, by the wall clock.
  public var now: Instant
  /// After this nothing of the run may be sent.
  public var latestSend: Instant?
  /// The price that the order is judged by; nil where there is none.
  public var price: Mark?
  /// The oldest that a price may be, counted from now.
  public var maximumPriceAge: TimeSpan
  /// The price that the order was planned by, where the exchange's quote is the price that it is judged
  /// by; nil where both are one.
  public var planned: PlannedPrice?
  /// An order of the account that is in doubt, if there is one: nothing is bought beside it.
  public var doubt: ClientOrderID?
  /// What may be sent, whatever was planned.
  public var bounds: OrderBounds
  /// What was sent already.
  public var usage: OrderUsage

  /// A gate of these facts.
  public init(
    halt: String? = nil, disarmed: String? = nil, isShadow: Bool = false,
    clockSuspicion: String? = nil, now: Instant,
    latestSend: Instant?, price: Mark?, maximumPriceAge: TimeSpan, planned: PlannedPrice? = nil,
    doubt: ClientOrderID? = nil,
    bounds: OrderBounds = OrderBounds(), usage: OrderUsage = OrderUsage()
  ) {
    self.halt = halt
    self.disarmed = disarmed
    self.isShadow = isShadow
    self.clockSuspicion = clockSuspicion
    self.now = now
    self.latestSend = latestSend
    self.price = price
    self.maximumPriceAge = maximumPriceAge
    self.planned = planned
    self.doubt = doubt
    self.bounds = bounds
    self.usage = usage
  }

  /// Why an order may not be sent; nil when it may.
  ///
  /// - Throws: `AmountError` when its value does not fit.
  public func refusal(of order: Order) throws(AmountError) -> Refusal? {
    if let halt { return .halted(halt) }
    if let disarmed { return .disarmed(disarmed) }
    if let clockSuspicion { return .clock(clockSuspicion) }
    if let latestSend, now > latestSend { return .tooLate(latestSend) }
    if order.side == .buy, let doubt { return .inDoubt(doubt) }
    guard let price else { return .noPrice }
    guard now - price.time <= maximumPriceAge else {
      return planned == nil ? .stalePrice(price.time) : .staleQuote(price.time)
    }
    if let refusal = try planned?.refusal(of: order, price, now: now, collar: bounds.collar) {
      return refusal
    }
    if let limit = order.limit, let collar = bounds.collar {
      let distance = try limit.subtracting(price.price).magnitude()
        .divided(by: price.price, rounding: .up)
      if distance > collar { return .collar(limit, price.price) }
    }
    let value = try order.quantity.multiplied(by: order.limit ?? price.price, rounding: .up)
    if let most = bounds.order, value > most { return .cap(.order, most) }
    if let most = bounds.turnover, try usage.turnover.adding(value) > most {
      return .cap(.turnover, most)
    }
    if let most = bounds.day, try usage.today.adding(value) > most { return .cap(.day, most) }
    if let most = bounds.ordersPerDay, usage.ordersToday >= most { return .count(.day, most) }
    if let most = bounds.ordersPerMinute, usage.ordersLastMinute >= most {
      return .count(.minute, most)
    }
    if let share = bounds.shareOfVolume, let volume = usage.volume {
      let most = try volume.multiplied(by: share, rounding: .towardsZero)
      if order.quantity > most { return .volume(most) }
    }
    switch order.side {
    case .buy:
      if let free = usage.freeCash, value > free { return .funds(free) }
    case .sell:
      if let free = usage.freeQuantity, order.quantity > free { return .funds(free) }
    }
    return isShadow ? .shadow(ShadowNote(price: price.price)) : nil
  }
}

/// The most that may be sent, in the account's quote asset. They stand in the settings of the account:
/// nothing in a schedule raises them, and no equity that was computed.
public struct OrderBounds: Hashable, Sendable {
  /// How far a limit may lie from the price, as a fraction of it.
  public var collar: Amount?
  /// The largest value of one order.
  public var order: Amount?
  /// The largest value of all orders of one rebalance.
  public var turnover: Amount?
  /// The largest value of all orders of one day.
  public var day: Amount?
  /// The most orders of one day.
  public var ordersPerDay: Int?
  /// The most orders of any minute.
  public var ordersPerMinute: Int?
  /// The largest part of the last candle's volume that one order may be.
  public var shareOfVolume: Amount?

  /// Bounds of these parts; nil: no bound.
  public init(
    collar: Amount? = nil, order: Amount? = nil, turnover: Amount? = nil, day: Amount? = nil,
    ordersPerDay: Int? = nil, ordersPerMinute: Int? = nil, shareOfVolume: Amount? = nil
  ) {
    self.collar = collar
    self.order = order
    self.turnover = turnover
    self.day = day
    self.ordersPerDay = ordersPerDay
    self.ordersPerMinute = ordersPerMinute
    self.shareOfVolume = shareOfVolume
  }
}

/// What was sent already, and what there is to send.
public struct OrderUsage: Hashable, Sendable {
  /// The value of what this rebalance sent.
  public var turnover: Amount
  /// The value of what the account sent today.
  public var today: Amount
  /// How many orders the account sent today.
  public var ordersToday: Int
  /// How many of them in the last minute.
  public var ordersLastMinute: Int
  /// The volume of the last closed candle, in the base asset; nil where it is not known.
  public var volume: Amount?
  /// The cash that no order has reserved; nil where it is not known.
  public var freeCash: Amount?
  /// What is held of the base asset and not promised to a sale; nil where it is not known.
  public var freeQuantity: Amount?

  /// A usage of these parts.
  public init(
    turnover: Amount = .zero, today: Amount = .zero, ordersToday: Int = 0,
    ordersLastMinute: Int = 0, volume: Amount? = nil, freeCash: Amount? = nil,
    freeQuantity: Amount? = nil
  ) {
    self.turnover = turnover
    self.today = today
    self.ordersToday = ordersToday
    self.ordersLastMinute = ordersLastMinute
    self.volume = volume
    self.freeCash = freeCash
    self.freeQuantity = freeQuantity
  }
}

extension Gate {
  /// The price of the slot, by which an order was planned.
  public struct PlannedPrice: Hashable, Sendable {
    /// The price; nil where there was none.
    public var mark: Mark?
    /// The oldest that it may be, counted from now.
    public var maximumAge: TimeSpan

    /// A price of these parts.
    public init(mark: Mark?, maximumAge: TimeSpan) {
      (self.mark, self.maximumAge) = (mark, maximumAge)
    }

    /// Why an order may not be sent at a quote: its plan is of old, or the market has left it.
    fileprivate func refusal(
      of order: Order, _ quote: Mark, now: Instant, collar: Amount?
    ) throws(AmountError) -> Refusal? {
      guard let mark else { return .noPrice }
      guard now - mark.time <= maximumAge else { return .stalePrice(mark.time) }
      // A limit is held against the quote itself.
      guard order.limit == nil, let collar else { return nil }
      let distance = try quote.price.subtracting(mark.price).magnitude()
        .divided(by: mark.price, rounding: .up)
      return distance > collar ? .moved(quote.price, mark.price) : nil
    }
  }

  /// Why an order may not be sent.
  public enum Refusal: Hashable, Sendable, CustomStringConvertible {
    /// What a bound in money is on.
    public enum Scope: String, Sendable {
      /// One order.
      case order
      /// One rebalance.
      case turnover = "rebalance"
      /// One day.
      case day
    }

    /// What a bound on the number of orders is on.
    public enum Period: String, Sendable {
      /// A day.
      case day
      /// A minute.
      case minute
    }

    /// Trading is halted, for a reason.
    case halted(String)
    /// Real money, and nobody armed the account.
    case disarmed(String)
    /// It would have been sent: the account is a shadow.
    case shadow(ShadowNote)
    /// The wall clock is not to be trusted.
    case clock(String)
    /// The run's deadline has passed.
    case tooLate(Instant)
    /// A purchase beside an order of which nobody knows what became.
    case inDoubt(ClientOrderID)
    /// There is no price to judge it by.
    case noPrice
    /// The price that it is judged by is too old.
    case stalePrice(Instant)
    /// What the exchange quoted is too old by now.
    case staleQuote(Instant)
    /// The quote has left the price of the plan too far behind.
    case moved(Amount, Amount)
    /// The limit lies too far from the price.
    case collar(Amount, Amount)
    /// It would pass a bound in money.
    case cap(Scope, Amount)
    /// It would pass a bound on the number of orders.
    case count(Period, Int)
    /// It is more than its part of the volume.
    case volume(Amount)
    /// It is more than there is.
    case funds(Amount)

    /// One word for counting.
    public var kind: String {
      switch self {
      case .halted: "halted"
      case .disarmed: "disarmed"
      case .shadow: "shadow"
      case .clock: "clock"
      case .tooLate: "too-late"
      case .inDoubt: "in-doubt"
      case .noPrice: "no-price"
      case .stalePrice: "stale-price"
      case .staleQuote: "stale-quote"
      case .moved: "moved"
      case .collar: "collar"
      case .cap(let scope, _): "max-\(scope.rawValue)"
      case .count(let period, _): "orders-per-\(period.rawValue)"
      case .volume: "volume"
      case .funds: "funds"
      }
    }

    /// In words.
    public var description: String {
      switch self {
      case .halted(let reason): "halted: \(reason)"
      case .disarmed(let reason): "not armed: \(reason)"
      case .shadow(let note): note.description
      case .clock(let suspicion): "clock: \(suspicion)"
      case .tooLate(let deadline): "too late: the deadline was \(deadline)"
      case .inDoubt(let order): "in doubt: nothing is bought while order \(order) is"
      case .noPrice: "no price to judge it by"
      case .stalePrice(let time): "stale price: the last candle closed at \(time)"
      case .staleQuote(let time): "stale quote: it is of \(time)"
      case .moved(let quote, let price):
        "collar: the quote \(quote) is too far from \(price), by which it was planned"
      case .collar(let limit, let price): "collar: the limit \(limit) is too far from \(price)"
      case .cap(let scope, let most): "too much: at most \(most) in one \(scope.rawValue)"
      case .count(let period, let most):
        "too many: at most \(most) orders in one \(period.rawValue)"
      case .volume(let most): "too large: at most \(most) of the last candle's volume"
      case .funds(let free): "no funds: \(free) is free"
      }
    }
  }
}

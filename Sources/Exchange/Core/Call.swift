public import Domain

/// What a client may ask of the exchange.
public enum Call: Hashable, Sendable {
  /// Take an order, unless it arrives after the time that it is valid for.
  case place(OrderTicket, validUntil: Instant?)
  /// Take back what is not filled of the order of a client id.
  case cancel(ClientOrderID)
  /// What is known of the order of a client id.
  case find(ClientOrderID)
  /// The orders of which some may still be filled.
  case openOrders
  /// The trades after one, at most so many.
  case trades(after: Int64?, limit: Int)
  /// What the account has.
  case account
}

/// What the exchange answers.
public enum Answer: Hashable, Sendable {
  /// It was not done, and nothing has changed.
  case refused(Reason)
  /// The order, as it is after the call.
  case order(VenueOrder)
  /// No order of that id is known.
  case notFound
  /// The orders asked for, by number.
  case orders([VenueOrder])
  /// The trades asked for, by number.
  case trades([Trade])
  /// What the account has.
  case account(AccountBook)
}

/// What only the exchange itself does.
public enum Operation: Hashable, Sendable {
  /// Takes up a contract, or gives one new rules.
  case list(Contract)
  /// Changes what may be done with a contract.
  case setState(ContractID, ContractState)
  /// Sets the hours of a calendar, as far as they are known.
  case setHours(String, TradingHours)
  /// Pays money in, or out when it is negative.
  case transfer(account: String, Money, why: String)
  /// Takes note of a closed bar's price and volume without matching anything: how an exchange that was
  /// not there before learns what the last price is.
  case note(ContractID, Bar)
  /// Counts so much of the last closed bar's volume as traded by our orders already, if that bar is
  /// the one that opened then: what an exchange that was not there before did not see.
  case took(ContractID, candle: Instant, Amount)
  /// Takes up an order that stood before, with what is left free of the funds it needs.
  case restore(RestoredOrder)
  /// Makes so many of an asset out of so many: 2 for 1.
  case split(asset: String, new: Int, old: Int)
}

/// What happened at the exchange, in order.
public enum Event: Hashable, Sendable {
  /// An order was taken.
  case accepted(VenueOrder)
  /// An order was filled, wholly or in part.
  case traded(Trade)
  /// An order ended.
  case ended(VenueOrder)
  /// A resting order was changed by a split.
  case adjusted(VenueOrder)
  /// An account's holdings changed.
  case posted(Posting)
  /// A contract's state changed.
  case state(ContractID, ContractState)
}

public import Domain

/// An order that stood open before the exchange was there, as a ledger knows it.
public struct RestoredOrder: Hashable, Sendable {
  /// Whose it is.
  public var account: String
  /// What was asked.
  public var ticket: OrderTicket
  /// When it came.
  public var placed: Instant
  /// The time up to whose candles it was matched.
  public var matchedThrough: Instant
  /// How much is filled.
  public var filled: Amount
  /// What that was worth, in the quote asset.
  public var value: Amount
  /// What of its fee is charged, in the quote asset.
  public var feeCharged: Amount
  /// How many trades it had.
  public var trades: Int64
  /// What the asset that pays its fee cost when it came, where that is a third one; nil: what it costs now.
  public var feePrice: Amount?

  /// An order of these parts.
  public init(
    account: String, ticket: OrderTicket, placed: Instant, matchedThrough: Instant,
    filled: Amount = .zero, value: Amount = .zero, feeCharged: Amount = .zero, trades: Int64 = 0,
    feePrice: Amount? = nil
  ) {
    self.account = account
    self.ticket = ticket
    self.placed = placed
    self.matchedThrough = matchedThrough
    self.filled = filled
    self.value = value
    self.feeCharged = feeCharged
    self.trades = trades
    self.feePrice = feePrice
  }
}

extension ExchangeCore {
  /// Takes up an order that stood before. It is not judged by the rules of now, which it may have been
  /// older than, and locks no more than is free: what lacks is asked for when it trades.
  mutating func restore(_ restored: RestoredOrder) -> Reason? {
    guard let contract = contracts[restored.ticket.contract] else { return .unknownContract }
    guard order(restored.ticket.id, of: restored.account) == nil else { return .duplicate }
    guard restored.filled < restored.ticket.quantity.amount else { return .impossible }
    var order = VenueOrder(
      number: 0, account: restored.account, ticket: restored.ticket, contract: contract,
      placed: restored.placed)
    order.matchedThrough = restored.matchedThrough
    order.filled.amount = restored.filled
    order.value.amount = restored.value
    order.feeCharged = restored.feeCharged
    order.feeParts = restored.feeCharged
    order.tradeCount = restored.trades
    if case .third(_, let pricedBy) = contract.fees.currency {
      order.feePrice = restored.feePrice ?? books[pricedBy]?.reference?.price
    }
    var account = accounts[restored.account] ?? AccountBook()
    let price =
      restored.ticket.limit?.amount ?? books[contract.id]?.reference?.price ?? .zero
    do throws(AmountError) {
      for need in try Reservation.needs(of: order, contract, price: price) {
        let money = Money(min(need.amount, account.balance(need.asset).free), need.asset)
        do throws(AccountBook.Shortage) {
          try account.reserve(money)
        } catch {
          preconditionFailure("no more is reserved than is free")
        }
        order.reserved.append(money)
      }
    } catch {
      return .numberTooLarge
    }
    order.number = nextOrder()
    accounts[restored.account] = account
    orders[order.number] = order
    byClientID[ClientKey(account: restored.account, id: restored.ticket.id)] = order.number
    books[contract.id, default: Book()].insert(order)
    emit(.accepted(order))
    return nil
  }
}

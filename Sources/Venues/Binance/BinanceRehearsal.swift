import Domain
public import Exchange

extension BinanceSpot {
  /// Has Binance check an order without taking it. Source: github.com/binance/binance-spot-api-docs,
  /// `rest-api.md`, "Test new order".
  public func rehearse(
    _ ticket: OrderTicket, on contract: Contract
  ) async throws -> Rehearsal {
    guard let parameters = BinanceTicket.parameters(ticket) else { return .refused(.impossible) }
    let sent = try await caller.send("POST", "/api/v3/order/test", parameters, weight: 1)
    switch sent?.verdict {
    case .done?: return .passes
    case .refused(let reason)?, .declined(let reason)?: return .refused(reason)
    case .duplicate?: return .refused(.duplicate)
    case .noOrder?: return .refused(.unknownOrder)
    case .notDone(let fault)?, .outsideOfWindow(let fault)?: throw fault
    case .unknown(let cause)?: throw replies.defect(cause)
    case nil: return .refused(.tooLate)
    }
  }
}

import Domain
public import Exchange

extension KrakenSpot {
  /// Has Kraken check an order without taking it. Source: docs.kraken.com, "Add Order", `validate`.
  public func rehearse(
    _ ticket: OrderTicket, on contract: Contract
  ) async throws -> Rehearsal {
    guard let parameters = KrakenTicket.parameters(ticket) else { return .refused(.impossible) }
    let answer = try await caller.send("AddOrder", parameters + [("validate", "true")])
    switch answer.verdict {
    case .done(let result):
      // What was only checked has no id.
      guard result["txid"] == nil else {
        throw replies.defect("it took order \(ticket.id), which it was to check: cancel it there")
      }
      return .passes
    case .refused(let reason, _): return .refused(reason)
    case .noOrder: return .refused(.other("EOrder:Invalid order"))
    case .notDone(let fault), .tooLate(let fault), .staleNonce(let fault): throw fault
    case .unknown(let cause): throw replies.lagging(cause)
    }
  }
}

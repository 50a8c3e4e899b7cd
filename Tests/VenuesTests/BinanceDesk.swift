import Domain
import Exchange
import Net
import Venues

/// A desk at Binance Spot over a stub, and how an order is told there.
enum BinanceDesk {
  static let id = ClientOrderID("car-k3v9q2m7x4hd1z")

  struct Desk {
    let venue: BinanceSpot
    let stub: BinanceStub
    let contract: Contract

    func ticket(limit: Amount? = Amount("3121.5")!) -> OrderTicket {
      OrderTicket(
        id: BinanceDesk.id, contract: contract.id, side: .buy,
        quantity: contract.quantity(Amount("0.1335")!), limit: limit.map(contract.price))
    }
  }

  /// A desk whose own clock is three seconds behind the venue's.
  static func desk(
    _ answer: @escaping @Sendable (BinanceStub.Call) -> HTTPOutcome
  ) -> Desk {
    let stub = BinanceStub(answer)
    let venue = BinanceSpot(
      transport: stub, baseURL: "http://127.0.0.1:1", name: "binance",
      key: BinanceKey(id: Secret("public"), signing: .hmac(Secret("secret"))),
      time: StandingTime(BinanceStub.venueTime - .seconds(3)), fees: .flat(Rate(Amount("0.001")!)))
    let symbol = Symbol(base: "ETH", quote: "USDT")!
    return Desk(
      venue: venue, stub: stub,
      contract: venue.contract(
        Instrument(
          symbol: symbol, tick: Amount("0.01")!, lot: Amount("0.0001")!,
          minimumNotional: Amount(5))))
  }

  static func order(
    status: String = "NEW", filled: String = "0.00000000", id: String = id.text,
    symbol: String = "ETHUSDT", original: String? = nil
  ) -> String {
    let origin = original.map { "\"origClientOrderId\":\"\($0)\"," } ?? ""
    return """
      {"symbol":"\(symbol)","orderId":28,"orderListId":-1,\(origin)"clientOrderId":"\(id)",\
      "transactTime":1507725176595,"price":"3121.50000000","origQty":"0.13350000",\
      "executedQty":"\(filled)","cummulativeQuoteQty":"0.00000000","status":"\(status)",\
      "timeInForce":"GTC","type":"LIMIT","side":"BUY"}
      """
  }
}

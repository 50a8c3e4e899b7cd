public import Domain
import Net

extension BinanceMarket {
  /// So many symbols are asked for in one question: the address stays short, and the weight is the same.
  static let symbolsOfQuotes = 100

  /// The best prices of these symbols now; one that quotes nothing has none.
  public func quotes(_ symbols: [Symbol], time: any TimeSource) async throws -> [Symbol:
    MarketQuote]
  {
    var quotes: [Symbol: MarketQuote] = [:]
    var rest = Set(symbols).sorted()[...]
    while !rest.isEmpty {
      let part = rest.prefix(Self.symbolsOfQuotes)
      rest = rest.dropFirst(part.count)
      let names = part.map { "%22\(Self.venueName($0))%22" }.joined(separator: ",")
      // As old as the question: it was true at some time between that and the answer.
      let asked = time.now
      let (response, request) = try await answer(
        "/api/v3/ticker/bookTicker?symbols=%5B\(names)%5D", weight: 4, urgency: .order)
      guard response.status == 200 else { throw BinanceError(response, to: request).fault }
      let reply = try reading(response, to: request) { try JSONValue.parse(response.body) }
      let known = Dictionary(
        part.map { (Self.venueName($0), $0) }, uniquingKeysWith: { first, _ in first })
      for row in reply.array ?? [] {
        guard let symbol = row["symbol"]?.string.flatMap({ known[$0] }),
          let bid = row["bidPrice"]?.string.flatMap({ Amount($0) }), bid > .zero,
          let ask = row["askPrice"]?.string.flatMap({ Amount($0) }), ask >= bid
        else { continue }
        quotes[symbol] = MarketQuote(bid: bid, ask: ask, read: asked)
      }
    }
    return quotes
  }
}

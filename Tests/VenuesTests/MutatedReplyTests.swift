import Domain
import Exchange
import Foundation
import Net
import Synchronization
import Testing
import Venues

/// Every reply of Binance and Kraken with bytes changed: a typed error, or the right numbers; never a crash,
/// and never a wrong belief about an order.
///
/// MUTATIONS says how many of each reply; the gate tries some hundred, `make prove-replies` 100,000.
@Suite struct MutatedReplyTests {
  static let count = ProcessInfo.processInfo.environment["MUTATIONS"].flatMap { Int($0) } ?? 300
  private static let seed: UInt64 = 20_261_129

  static func mutations(of text: String) -> ReplyMutations {
    ReplyMutations(of: text, count: count, seed: seed)
  }

  static func reply(_ bytes: [UInt8]) -> HTTPOutcome {
    .answered(HTTPResponse(status: 200, body: bytes))
  }

  /// Where nothing can be held against a reply, whatever is read must at least not trap.
  static func reads(_ body: () async throws -> Void) async {
    do {
      try await body()
    } catch let fault as Fault {
      #expect(!fault.cause.isEmpty)
    } catch {
      Issue.record("no fault: \(error)")
    }
  }

  // MARK: Kraken

  /// A desk at an exchange that answers honestly, but for the first answer to a method.
  private static func krakenDesk(
    _ method: String, _ bytes: [UInt8], _ honest: [String: String]
  ) -> KrakenDesk.Desk {
    let isFirst = Once()
    return KrakenDesk.desk { call in
      if call.method == method, isFirst.take() { return reply(bytes) }
      return honest[call.method].map { KrakenStub.ok($0) }
    }
  }

  /// Taken, or in doubt: it was taken.
  @Test func aPlacementAtKraken() async {
    for bytes in Self.mutations(of: KrakenDesk.placed) {
      let desk = KrakenDesk.desk { $0.method == "AddOrder" ? Self.reply(bytes) : nil }
      switch await desk.place() {
      case .accepted(let standing):
        #expect(standing.id == KrakenDesk.id && standing.filled.amount == .zero)
      case .unknown: continue
      case .refused, .notSent:
        Issue.record("\(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  /// Refused, or in doubt: never taken.
  @Test func aRefusalAtKraken() async {
    for bytes in Self.mutations(of: "{\"error\":[\"EOrder:Insufficient funds\"]}") {
      let desk = KrakenDesk.desk { $0.method == "AddOrder" ? Self.reply(bytes) : nil }
      switch await desk.place() {
      case .refused(let reason): #expect(reason == .other("EOrder:Insufficient funds"))
      case .unknown: continue
      case .accepted, .notSent: Issue.record("\(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  /// An order that is there is seen as it is, or there is an error; it is absent in no case, and its trades
  /// are the right ones.
  @Test(arguments: ["OpenOrders", "ClosedOrders", "QueryOrders", "QueryTrades"])
  func anOrderAtKraken(_ method: String) async {
    let isOpen = method == "OpenOrders" || method == "QueryTrades"
    let row =
      isOpen
      ? KrakenDesk.order()
      : KrakenDesk.order(
        status: "canceled", extra: "\"reason\":\"User requested\",\"closetm\":1764331260.5,")
    let honest: [String: String] = [
      "OpenOrders": isOpen ? KrakenDesk.orders("open", row) : KrakenDesk.orders("open"),
      "ClosedOrders": isOpen || method == "QueryOrders"
        ? KrakenDesk.orders("closed") : KrakenDesk.orders("closed", row),
      "QueryOrders": isOpen
        ? "{\"error\":[\"EOrder:Invalid order\"]}" : "{\"error\":[],\"result\":{\(row)}}",
      "QueryTrades": KrakenDesk.trades,
    ]
    for bytes in Self.mutations(of: honest[method] ?? "") {
      let desk = Self.krakenDesk(method, bytes, honest)
      do {
        if method == "QueryOrders" { _ = await desk.place() }
        let fills = try await desk.venue.fills(ofOrder: KrakenDesk.id, on: desk.contract)
        let found = try await desk.venue.find([KrakenDesk.id], on: desk.contract)
        guard case .seen(let standing)? = found[KrakenDesk.id] else {
          Issue.record("absent: \(String(decoding: bytes, as: UTF8.self))")
          continue
        }
        if standing.filled.amount == .zero { continue }
        #expect(standing.filled.amount == Amount("0.625"))
        #expect(standing.side == .buy)
        #expect(fills.count == 1)
        #expect(fills.first?.quantity.amount == Amount("0.625"))
        // Prices and fees are checked to a ten-thousandth, by which means of prices are rounded.
        #expect(Self.isNear(fills.first?.price.amount, "37500"))
        #expect(Self.isNear(fills.first?.fee?.amount, "93.75"))
      } catch let fault as Fault {
        #expect(!fault.cause.isEmpty)
      } catch {
        Issue.record("no fault: \(error)")
      }
    }
  }

  /// The same for many orders at once: whichever answer has other bytes than were sent, an order that is
  /// there is absent in no case.
  @Test(arguments: ["OpenOrders", "ClosedOrders", "TradesHistory"])
  func ordersAtKrakenTogether(_ method: String) async {
    let ended = KrakenDesk.order(
      status: "canceled", extra: "\"reason\":\"User requested\",\"closetm\":1764331260.5,")
    let honest: [String: String] = [
      "OpenOrders": method == "OpenOrders"
        ? KrakenDesk.orders("open", KrakenDesk.order()) : KrakenDesk.orders("open"),
      "ClosedOrders": method == "OpenOrders"
        ? KrakenDesk.orders("closed") : KrakenDesk.orders("closed", ended),
      "TradesHistory": KrakenDesk.history,
    ]
    let never = ClientOrderID("car-never")
    for bytes in Self.mutations(of: honest[method] ?? "") {
      let desk = Self.krakenDesk(method, bytes, honest)
      do {
        try await desk.venue.gather(desk.since([KrakenDesk.id, never], secondsAgo: 120))
        let found = try await desk.venue.find([KrakenDesk.id, never], on: desk.contract)
        guard case .seen? = found[KrakenDesk.id], case .absent? = found[never] else {
          Issue.record("\(found): \(String(decoding: bytes, as: UTF8.self))")
          continue
        }
      } catch let fault as Fault {
        #expect(!fault.cause.isEmpty)
      } catch {
        Issue.record("no fault: \(error)")
      }
    }
  }

  private static func isNear(_ amount: Amount?, _ right: String) -> Bool {
    guard let amount, let right = Amount(right) else { return false }
    return abs(amount.double / right.double - 1) < 3e-4
  }

  @Test func whatElseKrakenTells() async {
    let symbol = Symbol("BTC-USD")!
    for (method, text) in [
      ("BalanceEx", KrakenDesk.balances), ("Time", KrakenDesk.time), ("OHLC", KrakenDesk.candles),
      ("AssetPairs", KrakenDesk.pairs),
    ] {
      for bytes in Self.mutations(of: text) {
        let desk = KrakenDesk.desk { $0.method == method ? Self.reply(bytes) : nil }
        await Self.reads { _ = try await desk.venue.account() }
        let market = KrakenMarket(transport: desk.stub, baseURL: "http://127.0.0.1:1")
        await Self.reads {
          let batch = try await market.candles(
            symbol, .hour, from: KrakenDesk.venueTime - .hours(3),
            closedBy: KrakenDesk.venueTime, limit: 100)
          for candle in batch.candles { #expect(candle.defect(in: .hour) == nil) }
        }
        await Self.reads {
          for rule in try await market.instruments([symbol]) {
            #expect(rule.tick > .zero && rule.lot > .zero)
          }
        }
      }
    }
  }

  // MARK: Binance

  /// A limit of 0.1335 at 3121.5 of which 0.1 is filled at 3121: worth 312.1.
  private static let partly = BinanceDesk.order(status: "PARTIALLY_FILLED", filled: "0.10000000")
    .replacing(
      "\"cummulativeQuoteQty\":\"0.00000000\"", with: "\"cummulativeQuoteQty\":\"312.10000000\"")
  private static let trades = """
    [{"symbol":"ETHUSDT","id":57,"orderId":28,"orderListId":-1,"price":"3121.00000000",\
    "qty":"0.10000000","quoteQty":"312.10000000","commission":"0.00010000",\
    "commissionAsset":"ETH","time":1507725176600,"isBuyer":true,"isMaker":false,\
    "isBestMatch":true}]
    """

  /// Its answer of the kind FULL, with the trade of it.
  private static let full =
    partly.dropLast() + """
      ,"fills":[{"price":"3121.00000000","qty":"0.10000000","commission":"0.00010000",\
      "commissionAsset":"ETH","tradeId":57}]}
      """

  /// Taken as it was, or in doubt; trades that were told with it are the right ones, or asked for.
  @Test(arguments: [partly, String(full)]) func aPlacementAtBinance(_ answer: String) async {
    for bytes in Self.mutations(of: answer) {
      let desk = BinanceDesk.desk { $0.method == "POST" ? Self.reply(bytes) : Self.binance($0) }
      let placed = await desk.venue.place(desk.ticket(), on: desk.contract, validUntil: nil)
      switch placed {
      case .accepted(let standing):
        #expect(standing.id == BinanceDesk.id)
        let told = String(decoding: bytes, as: UTF8.self)
        if told.contains("\"fills\":[{") {
          #expect(standing.filled.amount == Amount("0.1"), "\(told)")
        }
        await Self.reads {
          guard standing.filled.amount > .zero else { return }
          let fills = try await desk.venue.fills(ofOrder: BinanceDesk.id, on: desk.contract)
          #expect(fills.map(\.quantity.amount) == [Amount("0.1")], "\(told)")
          #expect(fills.map(\.price.amount) == [Amount(3121)], "\(told)")
        }
      case .unknown: continue
      case .refused, .notSent: Issue.record("\(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  @Test func aRefusalAtBinance() async {
    let text = "{\"code\":-2010,\"msg\":\"Account has insufficient balance.\"}"
    for bytes in Self.mutations(of: text) {
      let answer = HTTPOutcome.answered(HTTPResponse(status: 400, body: bytes))
      let desk = BinanceDesk.desk {
        $0.method == "POST" ? answer : BinanceStub.error(400, -2013, "Order does not exist.")
      }
      // Whatever the code became: it was not taken, and nobody believes that it was.
      if case .accepted = await desk.venue.place(
        desk.ticket(), on: desk.contract, validUntil: nil)
      {
        Issue.record("\(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  @Test(arguments: ["/api/v3/order", "/api/v3/myTrades"])
  func anOrderAtBinance(_ path: String) async {
    for bytes in Self.mutations(of: path == "/api/v3/order" ? Self.partly : Self.trades) {
      let isFirst = Once()
      let desk = BinanceDesk.desk {
        $0.path == path && isFirst.take() ? Self.reply(bytes) : Self.binance($0)
      }
      do {
        let found = try await desk.venue.find([BinanceDesk.id], on: desk.contract)
        guard case .seen(let standing)? = found[BinanceDesk.id] else {
          Issue.record("absent: \(String(decoding: bytes, as: UTF8.self))")
          continue
        }
        let fills = try await desk.venue.fills(ofOrder: BinanceDesk.id, on: desk.contract)
        var filled = Amount.zero
        for fill in fills { filled = try filled.adding(fill.quantity.amount) }
        #expect(filled >= standing.filled.amount && filled <= standing.quantity.amount)
        for fill in fills {
          #expect(fill.quantity.amount == Amount("0.1"))
          #expect(fill.price.amount == Amount(3121))
        }
      } catch let fault as Fault {
        #expect(!fault.cause.isEmpty)
      } catch {
        Issue.record("no fault: \(error)")
      }
    }
  }

  private static func binance(_ call: BinanceStub.Call) -> HTTPOutcome {
    .answered(BinanceStub.ok(call.path == "/api/v3/myTrades" ? trades : partly))
  }
}

/// True once.
private final class Once: Sendable {
  private let taken = Mutex(false)

  func take() -> Bool {
    taken.withLock { taken in
      defer { taken = true }
      return !taken
    }
  }
}

import Domain
import Exchange
import Net
import Testing
import Venues

/// The answer of the kind FULL: the trades of rest-api.md's example, which is an order to sell ten.
struct BinanceFullReplyTests {
  private static let rows = [
    ("4000", "1", "4", 56), ("3999", "5", "19.995", 57), ("3998", "2", "7.996", 58),
    ("3997", "1", "3.997", 59), ("3995", "1", "3.995", 60),
  ].map { price, quantity, fee, id in
    "{\"price\":\"\(price)\",\"qty\":\"\(quantity)\",\"commission\":\"\(fee)\","
      + "\"commissionAsset\":\"USDT\",\"tradeId\":\(id)}"
  }
  /// 4000 + 5 x 3999 + 2 x 3998 + 3997 + 3995.
  private static let worth = "39983"

  private static func order(
    worth: String = worth, filled: String = "10", status: String = "FILLED", rows: [String]? = rows,
    time: String = "\"transactTime\":1507725176595,"
  ) -> String {
    let fills = rows.map { ",\"fills\":[\($0.joined(separator: ","))]" } ?? ""
    return """
      {"symbol":"ETHUSDT","orderId":28,"orderListId":-1,"clientOrderId":"\(BinanceDesk.id)",\
      \(time)"price":"0","origQty":"10","executedQty":"\(filled)",\
      "origQuoteOrderQty":"0.000000","cummulativeQuoteQty":"\(worth)","status":"\(status)",\
      "timeInForce":"GTC","type":"MARKET","side":"SELL","workingTime":1507725176595,\
      "selfTradePreventionMode":"NONE"\(fills)}
      """
  }

  /// The same trades as `myTrades` has them.
  private static let list =
    "["
    + rows.map { row in
      row.replacing("\"tradeId\"", with: "\"id\"").dropLast()
        + ",\"symbol\":\"ETHUSDT\",\"orderId\":28,\"quoteQty\":\"\(quote(row))\","
        + "\"time\":1507725176595,\"isBuyer\":false,\"isMaker\":false}"
    }.joined(separator: ",") + "]"

  private static func quote(_ row: String) -> String {
    // 5 x 3999 and 2 x 3998; the others are of one.
    row.contains("3999")
      ? "19995" : row.contains("3998") ? "7996" : String(row.dropFirst(10).prefix(4))
  }

  private static func desk(_ placed: String, found: HTTPOutcome? = nil) -> BinanceDesk.Desk {
    BinanceDesk.desk { call in
      switch (call.method, call.path) {
      case ("POST", _): .answered(BinanceStub.ok(placed))
      case (_, "/api/v3/myTrades"): .answered(BinanceStub.ok(list))
      default: found ?? .answered(BinanceStub.ok(order(rows: nil)))
      }
    }
  }

  private static func ticket(_ desk: BinanceDesk.Desk) -> OrderTicket {
    OrderTicket(
      id: BinanceDesk.id, contract: desk.contract.id, side: .sell,
      quantity: desk.contract.quantity(Amount(10)), limit: nil)
  }

  private static func asked(_ desk: BinanceDesk.Desk) -> [String] {
    desk.stub.asked.map { "\($0.method) \($0.path.split(separator: "/").last ?? "")" }
  }

  @Test func tellsEveryTradeOfTheOrder() async throws {
    let desk = Self.desk(Self.order())
    let placed = await desk.venue.place(Self.ticket(desk), on: desk.contract, validUntil: nil)
    guard case .accepted(let standing) = placed else {
      Issue.record("\(placed)")
      return
    }
    #expect(standing.state == .filled)
    let fills = try await desk.venue.fills(ofOrder: BinanceDesk.id, on: desk.contract)
    #expect(Self.asked(desk) == ["POST order"])
    #expect(fills.map(\.id) == ["56", "57", "58", "59", "60"])
    #expect(fills.map { "\($0.price.amount)" } == ["4000", "3999", "3998", "3997", "3995"])
    #expect(fills.map { "\($0.quantity.amount)" } == ["1", "5", "2", "1", "1"])
    #expect(
      fills.map(\.fee)
        == ["4", "19.995", "7.996", "3.997", "3.995"].map { Money(Amount($0)!, "USDT") })
    for fill in fills {
      #expect(fill.order == BinanceDesk.id && fill.venueOrder == "28" && fill.side == .sell)
      #expect(fill.time == Instant(milliseconds: 1_507_725_176_595) && !fill.isMaker)
    }
    // The list tells the same, and is what is asked from now on.
    #expect(try await desk.venue.fills(ofOrder: BinanceDesk.id, on: desk.contract) == fills)
    #expect(Self.asked(desk) == ["POST order", "GET myTrades"])
  }

  static let contradictions: [(String, String)] = [
    // The example as it is printed: worth 10, and its trades 39983.
    ("worth another amount", order(worth: "10")),
    ("worth a unit of the last place more than five cuts explain", order(worth: "39983.00000007")),
    ("worth nothing", order(worth: "0")), ("worth less than nothing", order(worth: "-1")),
    ("a trade is missing", order(rows: rows.dropLast())),
    ("no trade at all", order(rows: [])),
    ("a trade more", order(rows: rows + [rows[4].replacing("60", with: "61")])),
    ("a trade twice, for another", order(rows: rows.dropLast() + [rows[3]])),
    ("less is filled", order(filled: "9", status: "PARTIALLY_FILLED")),
    ("nothing is filled", order(worth: "0", filled: "0", status: "NEW")),
    ("no number of a trade", order(rows: rows.dropLast() + [rows[4].replacing("60", with: "-1")])),
    ("a negative fee", order(rows: rows.dropLast() + [rows[4].replacing("3.995", with: "-1")])),
    ("no asset of a fee", order(rows: rows.dropLast() + [rows[4].replacing("USDT", with: "")])),
    ("no time", order(time: "")),
    ("no list", order(rows: nil).dropLast() + ",\"fills\":{}}"),
  ]

  /// Nothing of it is believed: the venue's own record decides, and where it has none, nobody knows.
  @Test(arguments: contradictions.indices)
  func anAnswerThatContradictsItselfIsLookedUp(_ row: Int) async throws {
    let (what, answer) = Self.contradictions[row]
    let known = Self.desk(answer)
    guard
      case .accepted(let standing) = await known.venue.place(
        Self.ticket(known), on: known.contract, validUntil: nil)
    else {
      Issue.record("\(what): not found")
      return
    }
    #expect(standing.state == .filled && standing.filled.amount == Amount(10), "\(what)")
    let fills = try await known.venue.fills(ofOrder: BinanceDesk.id, on: known.contract)
    #expect(fills.count == 5, "\(what)")
    #expect(Self.asked(known) == ["POST order", "GET order", "GET myTrades"], "\(what)")
    for found in [
      BinanceStub.error(400, -2013, "Order does not exist."),
      .unanswered(Fault("ask", "x", cause: "the line was cut", exit: .unavailable)),
    ] {
      let unknown = Self.desk(answer, found: found)
      guard
        case .unknown = await unknown.venue.place(
          Self.ticket(unknown), on: unknown.contract, validUntil: nil)
      else {
        Issue.record("\(what): believed")
        continue
      }
    }
  }

  /// Without trades, or with one that is not of today's lots, they are asked for as before; what is odd twice.
  @Test func tradesThatAreNotToldOrAreOddAreAskedFor() async throws {
    let odd =
      Self.rows.dropLast() + [
        "{\"price\":\"3995\",\"qty\":\"0.00001\",\"commission\":\"0\",\"commissionAsset\":\"USDT\",\"tradeId\":60}"
      ]
    // 39983 - 3995 + 0.03995.
    let short = Self.order(
      worth: "35988.03995", filled: "9.00001", status: "PARTIALLY_FILLED", rows: Array(odd))
    for answer in [Self.order(rows: nil), short] {
      let desk = Self.desk(answer)
      guard
        case .accepted = await desk.venue.place(
          Self.ticket(desk), on: desk.contract, validUntil: nil)
      else {
        Issue.record("not taken")
        return
      }
      let fills = try await desk.venue.fills(ofOrder: BinanceDesk.id, on: desk.contract)
      #expect(fills.count == 5)
      #expect(Self.asked(desk) == ["POST order", "GET myTrades"])
    }
  }
}

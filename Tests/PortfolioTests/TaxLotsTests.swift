import Domain
import Portfolio
import Testing

/// Lots by hand: each figure is the arithmetic of its comment.
@Suite struct TaxLotsTests {
  private static func at(_ day: Int64) -> Instant { Instant(seconds: 1_700_000_000 + day * 86_400) }

  private static func lot(_ quantity: String, _ cost: String?, _ day: Int64) -> TaxLots.Lot {
    TaxLots.Lot(
      quantity: Amount(quantity)!, cost: cost.flatMap { Amount($0) }, acquired: at(day),
      source: "buy \(day)")
  }

  /// Two purchases, 10 for 100 and 10 for 200, and a sale of 15 for 300.
  private static func sold(_ method: TaxLots.Method) throws -> TaxLots {
    var lots = TaxLots(method)
    try lots.acquire("X", lot("10", "100", 1))
    try lots.acquire("X", lot("10", "200", 2))
    try lots.dispose(
      Amount(15), of: "X", .sold, at: at(3), source: "sale", proceeds: Amount(300))
    return lots
  }

  /// The first ten cost 100 and bring 300 * 10 / 15 = 200; five of the second cost 200 * 5 / 10 = 100 and
  /// bring the other 100: gains of 100 and 0.
  @Test func theOldestIsSoldFirst() throws {
    let lots = try Self.sold(.fifo)
    #expect(lots.closed.map(\.part.quantity) == [Amount(10), Amount(5)])
    #expect(lots.closed.map(\.part.cost) == [Amount(100), Amount(100)])
    #expect(lots.closed.map(\.proceeds) == [Amount(200), Amount(100)])
    #expect(try lots.closed.map { try $0.gain } == [Amount(100), .zero])
    #expect(lots.closed.map(\.part.acquired) == [Self.at(1), Self.at(2)])
    #expect(lots.open["X"] == [Self.lot("5", "100", 2)])
  }

  /// Twenty cost 300, so fifteen cost 225 and bring 300: a gain of 75, and five for 75 are left.
  @Test func theAverageIsSold() throws {
    let lots = try Self.sold(.average)
    #expect(lots.closed.map(\.part.cost) == [Amount(225)])
    #expect(try lots.closed.map { try $0.gain } == [Amount(75)])
    #expect(lots.closed.map(\.part.acquired) == [nil])
    #expect(
      lots.open["X"] == [
        TaxLots.Lot(quantity: Amount(5), cost: Amount(75), acquired: nil, source: "")
      ])
  }

  /// Three thirds of 10 do not divide: the cuts stay with the last part, and the sum is 10.
  @Test func whatADivisionLeavesOverIsNotLost() throws {
    var lots = TaxLots(.fifo)
    try lots.acquire("X", Self.lot("3", "10", 1))
    for day in 2...4 {
      try lots.dispose(
        .one, of: "X", .sold, at: Self.at(Int64(day)), source: "s", proceeds: Amount(4))
    }
    let costs = lots.closed.compactMap(\.part.cost)
    #expect(
      costs == [Amount("3.333333333333")!, Amount("3.333333333333")!, Amount("3.333333333334")!])
    #expect(try costs.reduce(Amount.zero) { try $0.adding($1) } == Amount(10))
    #expect(lots.open["X"] == nil)
    // One sale of all of three lots: 10 / 3 twice, and the rest.
    var three = TaxLots(.fifo)
    for day in 1...3 { try three.acquire("X", Self.lot("1", "1", Int64(day))) }
    try three.dispose(Amount(3), of: "X", .sold, at: Self.at(9), source: "s", proceeds: Amount(10))
    let brought = three.closed.compactMap(\.proceeds)
    #expect(try brought.reduce(Amount.zero) { try $0.adding($1) } == Amount(10))
    #expect(brought[0] == Amount("3.333333333333")!)
  }

  /// Four for one: 10 for 100 become 40 for 100. One for three of 10 is cut to 3.333333333333.
  @Test func aSplitLeavesCostAndDate() throws {
    var lots = TaxLots(.fifo)
    try lots.acquire("X", Self.lot("10", "100", 1))
    try lots.acquire("X", Self.lot("1", "30", 2))
    try lots.split("X", Amount(4), for: .one, leaving: Amount(44))
    #expect(
      lots.open["X"] == [
        TaxLots.Lot(quantity: Amount(40), cost: Amount(100), acquired: Self.at(1), source: "buy 1"),
        TaxLots.Lot(quantity: Amount(4), cost: Amount(30), acquired: Self.at(2), source: "buy 2"),
      ])
    try lots.split("X", .one, for: Amount(3), leaving: Amount("14.666666666666")!)
    #expect(
      lots.open["X"]?.map(\.quantity) == [Amount("13.333333333333")!, Amount("1.333333333333")!])
  }

  /// What lay there before the books began has no cost, and so no gain.
  @Test func whatNoLotHasIsOfUnknownCost() throws {
    var lots = TaxLots(.fifo)
    try lots.acquire("X", Self.lot("1", "5", 1))
    let cost = try lots.dispose(
      Amount(3), of: "X", .sold, at: Self.at(2), source: "s", proceeds: Amount(30))
    #expect(cost == nil)
    #expect(try lots.closed.map { try $0.gain } == [Amount(5), nil])
    #expect(lots.closed.map(\.proceeds) == [Amount(10), Amount(20)])
  }
}

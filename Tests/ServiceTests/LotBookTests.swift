import Domain
import Portfolio
import Service
import Store
import Testing

/// Lots made from the books: fees in three assets, a split, transfers, a payment at the end.
@Suite struct LotBookTests {
  private final class Books {
    let folder: ServiceFolder
    let store: Store
    private var orders = 0

    init() throws {
      folder = try ServiceFolder()
      store = try Store.open(folder.database, mode: .readWrite)
      try store.write(at: Self.at(0)) {
        for name in ["main", "side"] {
          try $0.accounts.open(name, quote: "USD", mode: .paper, initial: Amount(100_000))
        }
      }
    }

    static func at(_ day: Int64) -> Instant { Instant(seconds: 1_700_000_000 + day * 86_400) }

    /// A trade of an order of its own.
    func trade(
      _ side: Side, _ quantity: Int, _ symbol: String, at price: Int, fee: (String, String)? = nil,
      day: Int64, decided: Int? = nil, lateFee: (String, String)? = nil
    ) throws {
      orders += 1
      let id = ClientOrderID("car-\(orders)")
      let symbol = try #require(Symbol(symbol))
      let slot = Slot(job: try #require(JobName("rebalance")), time: Self.at(day))
      try store.write(at: Self.at(day)) { tx in
        try tx.plans.insert(
          account: "main", slot, run: nil, equity: nil, cash: .zero, detail: "{}",
          lines: [
            PlanLine(
              symbol: symbol, score: 1, price: decided.map { Amount($0) }, quantity: .zero,
              weight: .zero, targetWeight: .zero, targetReason: "", decision: .buy, reason: nil)
          ],
          orders: [
            Order(
              id: id, key: OrderKey(account: "main", slot: slot, symbol: symbol, leg: 0),
              side: side, quantity: Amount(quantity))
          ])
        try tx.orders.move(id, to: .intent)
        func fill(_ fee: (String, String)?) -> Fill {
          Fill(
            order: id, trade: "1", quantity: Amount(quantity), price: Amount(price),
            fee: fee.map { Fill.Fee(Amount($0.0)!, $0.1) }, time: Self.at(day))
        }
        try tx.fills.insert(fill(fee))
        if let lateFee { try tx.fills.insert(fill(lateFee)) }
        try tx.orders.move(id, to: .filled)
      }
    }

    func book(_ event: CashEvent, _ account: String = "main", day: Int64) throws {
      try store.write(at: Self.at(day)) {
        _ = try $0.accounts.book(event, account: account, at: Self.at(day), reason: "a test")
      }
    }

    func lots(_ method: TaxLots.Method, _ account: String = "main") throws -> [[String: String]] {
      var rows: [[String: String]] = []
      try store.read { transaction in
        try TradeExport.lots.rows(
          transaction, accounts: [account], from: nil, to: nil, method: method
        ) { row in
          #expect(row.count == TradeExport.lots.columns.count)
          rows.append(
            Dictionary(
              uniqueKeysWithValues: zip(TradeExport.lots.columns, row.map { $0.string ?? "" })))
        }
      }
      return rows
    }
  }

  /// Rows as `state quantity cost proceeds gain`.
  private static func words(_ rows: [[String: String]], of asset: String) -> [String] {
    rows.filter { $0["asset"] == asset }.map { row in
      ["state", "quantity", "cost", "proceeds", "gain"].map { row[$0] ?? "" }
        .map { $0.isEmpty ? "-" : $0 }.joined(separator: " ")
    }
  }

  /// 10 at 20 with a fee of 2 USD cost 202. A fee of 0.5 ACME leaves 9.5 for 10 * 30 = 300. A sale of 12
  /// at 40 with a fee of 3 USD brings 477: ten of the first, which bring 477 * 10 / 12 = 397.5 and cost
  /// 202, and two of the second, which cost 300 * 2 / 9.5 and bring 79.5.
  @Test func feesAreAPartOfTheirTrades() throws {
    let books = try Books()
    try books.trade(.buy, 10, "ACME-USD", at: 20, fee: ("2", "USD"), day: 1)
    try books.trade(.buy, 10, "ACME-USD", at: 30, fee: ("0.5", "ACME"), day: 2)
    try books.trade(.sell, 12, "ACME-USD", at: 40, day: 3, lateFee: ("3", "USD"))
    #expect(
      Self.words(try books.lots(.fifo), of: "ACME") == [
        "sold 10 202 397.5 195.5", "sold 2 63.157894736842 79.5 16.342105263158",
        "open 7.5 236.842105263158 - -",
      ])
    // Together 19.5 for 502: twelve cost 502 * 12 / 19.5 = 308.923076923076 (cut), and bring 477.
    #expect(
      Self.words(try books.lots(.average), of: "ACME") == [
        "sold 12 308.923076923076 477 168.076923076924", "open 7.5 193.076923076924 - -",
      ])
  }

  /// 4 BNB came in at 50 each. A fee of 0.1 BNB is worth the 5 USD that it cost: the purchase costs 105.
  @Test func aFeeInAThirdAssetIsWorthWhatThatCost() throws {
    let books = try Books()
    try books.book(.deposit(asset: "BNB", amount: Amount(4), rate: Amount(50)), day: 1)
    try books.trade(.buy, 10, "ACME-USD", at: 10, fee: ("0.1", "BNB"), day: 2)
    let rows = try books.lots(.fifo)
    #expect(Self.words(rows, of: "ACME") == ["open 10 105 - -"])
    #expect(Self.words(rows, of: "BNB") == ["fee 0.1 5 - -", "open 3.9 195 - -"])
  }

  /// 10 for 100 become 40 for 100; of them 30 at 5 bring 150 and cost 75; the rest is paid out at 1 each.
  @Test func splitsAndTheEnd() throws {
    let books = try Books()
    let symbol = try #require(Symbol("ACME-USD"))
    try books.trade(.buy, 10, "ACME-USD", at: 10, day: 1)
    try books.book(.split(symbol, new: Amount(4), old: .one), day: 2)
    try books.trade(.sell, 30, "ACME-USD", at: 5, day: 3)
    try books.book(.settlement(symbol, price: .one), day: 4)
    #expect(
      Self.words(try books.lots(.fifo), of: "ACME") == [
        "sold 30 75 150 75", "settled 10 25 10 -15",
      ])
  }

  /// A transfer takes cost and date along; a withdrawal earns nothing.
  @Test func transfersKeepWhatTheyCost() throws {
    let books = try Books()
    try books.book(.deposit(asset: "BNB", amount: Amount(4), rate: Amount(50)), day: 1)
    try books.book(
      .transfer(asset: "BNB", amount: .one, rate: Amount(70), to: "side"), day: 2)
    try books.book(.withdrawal(asset: "BNB", amount: Amount(2), rate: Amount(80)), day: 3)
    #expect(
      Self.words(try books.lots(.fifo), of: "BNB") == [
        "transferred 1 50 - -", "withdrawn 2 100 - -", "open 1 50 - -",
      ])
    let there = try books.lots(.fifo, "side")
    #expect(Self.words(there, of: "BNB") == ["open 1 50 - -"])
    #expect(there.first?["acquired"] == "\(Books.at(1))")
  }

  /// A purchase of 10 at 21 that was decided at 20 cost 10 USD and 500 bps more; a sale of 4 at 22 that was
  /// decided at 20 was 8 USD and 1000 bps better.
  @Test func eachTradeBearsItsSlippage() throws {
    let books = try Books()
    try books.trade(.buy, 10, "ACME-USD", at: 21, day: 1, decided: 20)
    try books.trade(.sell, 4, "ACME-USD", at: 22, day: 2, decided: 20)
    try books.trade(.sell, 1, "ACME-USD", at: 22, day: 3)
    try books.store.read { transaction in
      let fills = try transaction.fills.all("main")
      #expect(fills.map(\.slippage) == [Amount(10), Amount("-8"), nil])
      #expect(fills.map(\.slippageRatio) == [Amount("0.05"), Amount("-0.1"), nil])
      var totals = TradingTotals()
      try totals.count(transaction)
      #expect(totals.accounts["main"]?.slippage == Amount(2))
      let why = try #require(try TradeExplanation(of: ClientOrderID("car-1"), transaction))
      let fill = why.lines { "\($0)" }.first { $0.label == "fill" }
      #expect(fill?.text.hasSuffix(" · 500.00 bps worse than 20") == true, "\(fill?.text ?? "")")
    }
  }
}

import Domain
import Service
import Store
import Testing

@Suite struct TradeExportTests {
  @Test(arguments: TradeExport.allCases)
  func everyRowHasItsColumns(_ export: TradeExport) throws {
    let bench = try TradedAccount()
    var rows: [[JSONValue]] = []
    try bench.store.read { transaction in
      try export.rows(transaction, accounts: ["main"], from: nil, to: nil) { rows.append($0) }
    }
    #expect(!rows.isEmpty)
    for row in rows { #expect(row.count == export.columns.count) }
  }

  @Test func fillsAndPostingsSayWhatWasBooked() throws {
    let bench = try TradedAccount()
    try bench.store.read { transaction in
      var fills: [[String: JSONValue]] = []
      try TradeExport.fills.rows(transaction, accounts: ["main"], from: nil, to: nil) { row in
        fills.append(Dictionary(uniqueKeysWithValues: zip(TradeExport.fills.columns, row)))
      }
      #expect(fills.count == 1)
      #expect(fills[0]["price"] == .string("20"))
      #expect(fills[0]["fee"] == .string("1"))
      var sums: [String: Amount] = [:]
      try TradeExport.postings.rows(transaction, accounts: ["main"], from: nil, to: nil) { row in
        let cells = Dictionary(uniqueKeysWithValues: zip(TradeExport.postings.columns, row))
        let asset = try #require(cells["asset"]?.string)
        let amount = try #require(cells["amount"]?.string.flatMap { Amount($0) })
        sums[asset] = try (sums[asset] ?? .zero).adding(amount)
      }
      #expect(sums == ["ACME": .zero, "USD": .zero])
    }
  }

  @Test func aSpanLeavesOutWhatIsOutside() throws {
    let bench = try TradedAccount()
    try bench.store.read { transaction in
      for export in TradeExport.allCases where export != .positions {
        try export.rows(
          transaction, accounts: ["main"], from: Instant(seconds: 1_000_000), to: nil
        ) { row in Issue.record("\(export): \(row)") }
      }
    }
  }
}

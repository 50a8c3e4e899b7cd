import Domain
import Jobs
import Store
import StrictYAML
import Testing

/// How much of a candle's volume is ours on paper, and what holds where a source tells none. All
/// candles here have a volume of 1 (see `Workbench`), and 81.736 are wanted (see ChainTests).
@Suite struct ParticipationTests {
  private func filled(_ account: String, venue: String, volume: String = "1") async throws -> (
    RunEnd?, Amount?
  ) {
    let bench = try Workbench()
    try bench.model()
    try bench.candles("AAA", [10, 11], volume: volume)
    let settings = try bench.settings(account: account, venue: venue)
    for kind in [JobKind.fetch, .compute, .infer] {
      #expect(try await bench.run(try bench.job(kind, settings), hours: 2)?.state == .succeeded)
    }
    let end = try await bench.run(try bench.job(.rebalance, settings), hours: 2)
    return (
      end, try bench.store.read { try $0.accounts.positions("main").first?.quantity }
    )
  }

  /// Half of 1 is ours; the rest of the order, and the leg after it, find nothing left.
  @Test func isCappedByTheLastCandle() async throws {
    let (end, quantity) = try await filled(", participation: 0.5", venue: "")
    #expect(quantity == Amount("0.5"))
    #expect(end?.state == .succeeded)
    #expect(end?.reason?.contains("(buy AAA-USD: 0.5 of 81.736") == true)
  }

  /// A run of the same candle, an hour of no trading later, finds the share used up: half of 1.
  @Test func isUsedUpOverRuns() async throws {
    let world = try TradedWorld(
      instruments: 1, cash: "1000", account: ", participation: 0.5",
      rebalance: "top: 1, max-weight: 1, cash-buffer: 0, band: 0")
    let symbol = world.symbols[0]
    func held() throws -> Amount? {
      try world.store.read { try $0.accounts.positions("main").first?.quantity }
    }
    try world.closes([symbol: 10], at: 1, volume: 1)
    for hours in [Int64(1), 2] {
      try world.scores([symbol: 1], at: hours)
      _ = try await world.rebalance(at: hours)
      #expect(try held() == Amount("0.5"), "slot \(hours)")
    }
    // The next candle has a volume of its own.
    try world.closes([symbol: 10], at: 3, volume: 2)
    try world.scores([symbol: 1], at: 3)
    _ = try await world.rebalance(at: 3)
    #expect(try held() == Amount("1.5"))
  }

  @Test func withoutACapAnyVolumeDoes() async throws {
    #expect(try await filled("", venue: "").1 == Amount("81.736"))
  }

  /// Nothing was traded: nothing is filled. Where the source tells no volume, 0 says nothing.
  @Test func noVolumeIsNotAVolumeOfZero() async throws {
    #expect(try await filled("", venue: "", volume: "0").1 == nil)
    #expect(
      try await filled("", venue: ", volume: none", volume: "0").1 == Amount("81.736"))
  }

  @Test(arguments: ["participation: 0.1", "limits: { volume-share: 0.1 }"])
  func aCapOnWhatIsNotToldIsRefused(_ cap: String) throws {
    let bench = try Workbench()
    let settings = try bench.settings(account: ", \(cap)", venue: ", volume: none")
    let mistakes = #expect(throws: Diagnostics.self) { try bench.job(.rebalance, settings) }
    #expect(mistakes?.items.count == 1)
    #expect(
      mistakes?.items.first?.message.hasSuffix(
        "and venue `files` tells none (`volume: none`)") == true)
  }

  @Test(arguments: ["0", "1.5", "-0.1", "much"])
  func aPartIsAboveZeroAndAtMostOne(_ part: String) throws {
    let bench = try Workbench()
    #expect(throws: Diagnostics.self) {
      try bench.settings(account: ", participation: \(part)")
    }
  }
}

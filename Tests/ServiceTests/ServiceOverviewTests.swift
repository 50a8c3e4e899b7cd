import Domain
import Scheduler
import Service
import Store
import Testing

/// The figures that `status` shows.
@Suite struct ServiceOverviewTests {
  @Test func figuresOfAnAccount() throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readWrite)
    let now = ServiceFolder.start + .days(3)
    try store.write(at: ServiceFolder.start) { transaction in
      try transaction.accounts.open("main", quote: "USDT", mode: .paper, initial: Amount(10_000))
      // The peak is 12,000, a day before now it was worth 10,000 (valued 26 h before), now 11,000.
      for (hours, equity) in [(0, 9000), (20, 12_000), (46, 10_000), (60, 10_500), (71, 11_000)] {
        try transaction.equity.append(
          EquityPoint(
            time: ServiceFolder.start + .hours(Int64(hours)), equity: Amount(equity),
            cash: Amount(1)), account: "main", run: nil)
      }
    }
    let overview = try ServiceOverview(store, survey: folder.survey, now: now)
    let figures = try #require(overview.accounts.first)
    #expect(figures.latest?.equity == Amount(11_000))
    #expect(abs(try #require(figures.dayChange) - 0.1) < 1e-12)  // 11,000 / 10,000 - 1
    #expect(abs(try #require(figures.drawdown) - 1.0 / 12) < 1e-12)  // 1 - 11,000 / 12,000
    #expect(figures.openOrders == 0)
    #expect(!overview.isRunning)
    #expect(overview.jobs.map(\.job.name.text) == ["fetch", "compute"])
    #expect(overview.jobs[0].next == now + .minutes(1))
    #expect(overview.jobs[1].next == nil)
    try store.close()
  }

  /// Nearest rank: of n values in order, the one of rank ceil(part * n).
  @Test(arguments: [(0.5, 50), (0.95, 95), (1.0, 100), (0.0, 1), (0.001, 1)] as [(Double, Int64)])
  func learnsDurations(part: Double, expected: Int64) throws {
    let folder = try ServiceFolder()
    let store = try Store.open(folder.database, mode: .readOnly)
    let overview = try ServiceOverview(store, survey: folder.survey, now: ServiceFolder.start)
    try store.close()
    var job = try #require(overview.jobs.first)
    #expect(job.duration(within: part) == nil)
    job.durations = (1...100).shuffled().map { .milliseconds($0) }
    #expect(job.duration(within: part) == .milliseconds(expected))
  }
}

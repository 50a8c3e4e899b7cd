import Domain
import Scheduler
import Store
import Testing

@testable import Service

/// What the loop does about a clock that was set, where orders cost money.
@Suite struct ClockProofTests {
  /// Five hours forward in a minute, where orders cost money: the clock is asked after at once and then
  /// each half minute, and two readings that agree, half a minute apart, let rebalance go on.
  @Test func aDoubtedClockIsAskedAfterUntilItIsProven() throws {
    let bench = try ServiceBench(
      "rebalance: { every: 1m, deadline: 10m }", at: ServiceFolder.start, asksForClockProof: true)
    func turn(_ second: Int64) throws -> Bool {
      try bench.turn(at: ServiceFolder.start + .hours(5) + .seconds(second))
      return bench.effects.contains { if case .readClock = $0 { true } else { false } }
    }
    func agree(_ second: Int64, _ offset: TimeSpan?) {
      bench.readings = [
        ClockReading(
          uptime: ServiceFolder.start + .seconds(second) - .epoch, isSynchronised: true,
          venues: [offset])
      ]
    }
    try bench.turn(at: ServiceFolder.start)
    #expect(bench.effects.isEmpty)
    bench.leap = .hours(5)
    #expect(try turn(60))
    #expect(try !turn(70))
    #expect(try turn(90))
    #expect(bench.claimed.isEmpty)
    #expect(try bench.fact(.clockSuspicion)?.hasPrefix("it leapt forward by 5h") == true)
    // A venue that does not answer proves nothing, and one that is six seconds off says no.
    for (second, offset) in [(95, nil), (126, .seconds(6)), (130, .seconds(5))]
      as [(Int64, TimeSpan?)]
    {
      agree(second, offset)
      _ = try turn(second)
      #expect(bench.claimed.isEmpty)
    }
    agree(160, .milliseconds(-40))
    _ = try turn(160)
    #expect(bench.claimed.map(\.job.text) == ["rebalance"])
    #expect(try bench.fact(.clockSuspicion) == nil)
    #expect(try !turn(200))
  }

  /// The kernel of this machine tells something, whatever that is.
  @Test func theKernelIsAskedWithoutChangingAnything() {
    switch KernelClock.read() {
    case .synchronised(let error): #expect(error >= .zero)
    case .free, .untold: #expect(!KernelClock.read().isSynchronised)
    }
  }
}

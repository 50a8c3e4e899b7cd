import Domain
import Scheduler
import Testing

@Suite struct ClockDoubtTests {
  private let now = Instant(rfc3339: "2026-11-20T12:00:00Z")!

  /// Seconds of uptime, whether the kernel calls the clock synchronised, how far the venues are ahead
  /// in milliseconds (nil: no answer), and whether the clock is proven by then.
  typealias Row = (Int64, Bool, [Int64?], Bool)

  @Test(
    arguments: [
      [(0, true, [0], false), (30, true, [0], true)],
      [(0, true, [0], false), (29, true, [0], false), (30, true, [0], true)],
      // Five seconds are near enough, a millisecond more is not, on either side.
      [(0, true, [5000], false), (30, true, [-5000], true)],
      [(0, true, [5001], false), (30, true, [0], false), (60, true, [0], true)],
      [(0, true, [0], false), (30, true, [-5001], false), (60, true, [0], false)],
      // One that disagrees, or does not answer, begins it anew.
      [
        (0, true, [0, 0], false), (30, true, [0, nil], false), (60, true, [0, 0], false),
        (90, true, [0, 0], true),
      ],
      [(0, true, [0], false), (15, false, [0], false), (30, true, [0], false)],
      // Without a venue nobody agrees.
      [(0, true, [], false), (30, true, [], false), (60, true, [], false)],
    ] as [[Row]])
  func twoReadingsProveAClock(_ rows: [Row]) {
    var proof = ClockProof()
    for (uptime, isSynchronised, venues, isProven) in rows {
      let reading = ClockReading(
        uptime: .seconds(uptime), isSynchronised: isSynchronised,
        venues: venues.map { $0.map { .milliseconds($0) } })
      #expect(proof.take(reading) == isProven, "at \(uptime) s")
    }
  }

  /// What was left from the future in minutes from now, by how much the clock leapt forward in hours,
  /// and whether jobs that place orders wait: on paper never.
  @Test(
    arguments: [
      (nil, nil, false), (1, nil, false), (2, nil, false), (3, nil, true), (600, nil, true),
      (nil, 4, true), (600, 4, true),
    ] as [(Int64?, Int64?, Bool)])
  func ordersWaitForAProof(_ spared: Int64?, _ leap: Int64?, _ wait: Bool) {
    for asks in [true, false] {
      var doubt = ClockDoubt(asksForProof: asks)
      doubt.spare(spared.map { now + .minutes($0) })
      let leap = leap.map { TimeSpan.hours($0) }
      #expect((doubt.suspicion(now: now, leap: leap) != nil) == (asks && wait))
      // Once the time has come, nothing is from the future any more.
      let later = now + .hours(10)
      #expect((doubt.suspicion(now: later, leap: nil)) == nil)
      doubt.trust()
      #expect(doubt.suspicion(now: now, leap: nil) == nil)
    }
  }

  /// Jumps in hours, in order, and whether the clock counts as having leapt after each.
  @Test(
    arguments: [
      [(3, false)], [(4, true)], [(2, false), (2, true)], [(4, true), (-2, false)],
      [(-5, false), (4, true)], [(4, true), (-4, false), (3, false)],
    ] as [[(Int64, Bool)]])
  func aLeapIsForwardAndNotTakenBack(_ jumps: [(Int64, Bool)]) {
    var watch = ClockWatch(now: now, uptime: .zero)
    var wall = now
    for (index, (hours, isLeap)) in jumps.enumerated() {
      wall = wall + .hours(hours)
      _ = watch.look(now: wall, uptime: .milliseconds(Int64(index)))
      #expect((watch.leap != nil) == isLeap)
    }
    watch.trust()
    #expect(watch.leap == nil)
  }
}

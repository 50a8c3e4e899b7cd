import Domain
import Testing

@testable import Box

@Suite struct BoxClockTests {
  @Test(arguments: [
    // speed, milliseconds of the machine -> milliseconds of the exchange
    (1.0, 5000, 5000), (60.0, 1000, 60_000), (0.0, 5000, 0), (0.5, 3000, 1500),
  ])
  func runsAtItsSpeed(_ speed: Double, _ gone: Int64, _ shown: Int64) {
    let clock = BoxClock(started: .epoch, opening: Instant(seconds: 100), speed: speed)
    #expect(
      clock.time(at: Instant(milliseconds: gone))
        == Instant(milliseconds: 100_000 + shown))
  }
}

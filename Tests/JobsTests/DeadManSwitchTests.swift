import Domain
import Testing

@testable import Jobs

/// When the exchange is told of a rebalance that has orders which rest.
@Suite struct DeadManSwitchTests {
  typealias Hold = DeadManSwitch.Hold

  /// A span of a minute: heard of at 0 (nil: never), asked at so many seconds.
  @Test(
    arguments: [
      (nil, false, 0, nil), (nil, true, 0, .arm), (0, true, 0, nil), (0, true, 19, nil),
      (0, true, 20, .arm), (0, true, 300, .arm), (0, false, 1, .disarm),
      // A clock that was set back: it hears of us at once.
      (0, true, -1, .arm),
    ] as [(Int64?, Bool, Int64, Hold.Action?)])
  func toldThriceInASpan(heard: Int64?, isResting: Bool, at: Int64, action: Hold.Action?) {
    let begin = Instant(rfc3339: "2026-11-30T12:00:00Z")!
    var hold = Hold(span: .minutes(1))
    if let heard { hold.done(.arm, at: begin + .seconds(heard)) }
    #expect(hold.action(isResting: isResting, now: begin + .seconds(at)) == action)
    if action == .disarm {
      hold.done(.disarm, at: begin + .seconds(at))
      #expect(hold.action(isResting: false, now: begin + .seconds(at)) == nil)
    }
  }
}

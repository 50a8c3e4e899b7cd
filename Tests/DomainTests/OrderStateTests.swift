import Domain
import Testing

@Suite struct OrderStateTests {
  /// From, to, and what causes it at a venue or in our own process.
  static let arrows: [(OrderState, OrderState, String)] = [
    (.planned, .intent, "the gate let it pass"), (.planned, .rejected, "the gate refused"),
    (.planned, .expired, "its run ended before"),
    (.planned, .cancelled, "a newer plan took its place"),
    (.intent, .planned, "it was certainly not sent"), (.intent, .sent, "taken, no more is known"),
    (.intent, .unknown, "the answer was lost"), (.intent, .open, "it rests"),
    (.intent, .filled, "filled at once"), (.intent, .rejected, "refused"),
    (.intent, .cancelled, "immediate or cancel"), (.intent, .expired, "past its validity"),
    (.sent, .open, "it rests"), (.sent, .filled, "filled"), (.sent, .cancelled, "cancelled there"),
    (.sent, .rejected, "refused after it was taken"), (.sent, .expired, "ended at its time"),
    (.sent, .unknown, "the connection was lost"),
    (.unknown, .planned, "absent, proved"), (.unknown, .sent, "seen"), (.unknown, .open, "seen"),
    (.unknown, .filled, "seen"), (.unknown, .cancelled, "seen, and cancelled there"),
    (.unknown, .rejected, "it was refused"), (.unknown, .expired, "absent, its run is over"),
    (.open, .unknown, "the answer to its cancel was lost"), (.open, .filled, "filled"),
    (.open, .cancelled, "cancelled"), (.open, .rejected, "refused after it was accepted"),
    (.open, .expired, "ended at its time"),
    (.cancelled, .filled, "its last trade was told after its cancel"),
    (.expired, .filled, "its last trade was told late"),
    (.rejected, .filled, "a trade of it was told all the same"),
  ]

  @Test func everyArrowThatAVenueCanCauseIsThereAndNoOther() {
    for from in OrderState.allCases {
      for to in OrderState.allCases {
        let cause = Self.arrows.first { $0.0 == from && $0.1 == to }?.2
        #expect(from.mayBecome(to) == (cause != nil), "\(from) -> \(to): \(cause ?? "nothing")")
      }
    }
  }

  @Test func nothingIsBothFinalAndWorking() {
    for state in OrderState.allCases {
      #expect(!(state.isFinal && state.isWorking))
      #expect(state == .planned || state.isFinal != state.isWorking)
    }
  }
}

import Domain
import Store
import Testing
import Venues

@testable import Jobs

/// The deciders of a rebalance, each with a row for what can come.
@Suite struct RebalanceDecisionTests {
  static let slot = Slot(job: JobName("rebalance")!, time: Instant(seconds: 1_700_000_000))
  static let now = slot.time + .minutes(1)

  static func record(
    _ state: OrderState, side: Side = .buy, quantity: Int = 10, filled: Int = 0,
    slot: Slot = slot, updated: Instant = slot.time, reason: String? = nil
  ) -> OrderRecord {
    let key = OrderKey(account: "main", slot: slot, symbol: Symbol("A-USD")!, leg: 0)
    return OrderRecord(
      order: Order(
        id: ClientOrderID("car-aaaaaaaaaaaaaa"), key: key, side: side, quantity: Amount(quantity),
        state: state, reason: reason),
      plan: 1, filled: Amount(filled), value: Amount(filled), sent: slot.time,
      doubted: state == .unknown ? updated : nil, created: slot.time, updated: updated)
  }

  // What the venue says of an order.

  @Test(
    arguments: [
      // What it knows is as it says.
      (OrderState.intent, OrderState?.some(.open), OrderState?.some(.open)),
      (.unknown, .filled, .filled), (.open, .cancelled, .cancelled), (.open, .unknown, .unknown),
      (.unknown, .cancelled, .cancelled), (.open, .open, nil),
      // A final order changes only by a last trade that was told late.
      (.cancelled, .filled, .filled), (.cancelled, .open, nil), (.expired, .cancelled, nil),
      // What it does not know: proved absent once the lag is over.
      (.intent, nil, .planned), (.unknown, nil, .planned), (.open, nil, .unknown),
      (.sent, nil, .unknown), (.cancelled, nil, nil),
    ] as [(OrderState, OrderState?, OrderState?)])
  func theVenuesWordDecides(
    _ present: OrderState, _ said: OrderState?, _ becomes: OrderState?
  ) {
    let decision = DeskDecision.of(
      Self.record(present), said.map { OrderReport(state: $0) }, slot: Self.slot, now: Self.now,
      absentAfter: .seconds(60))
    #expect(decision?.state == becomes)
    if let becomes { #expect(present.mayBecome(becomes)) }
  }

  /// A look-up that finds nothing proves nothing while the order may still appear.
  @Test(
    arguments: [
      (OrderState.intent, 59, OrderState?.some(.unknown)), (.intent, 60, .planned),
      (.unknown, 59, nil), (.unknown, 60, .planned),
    ] as [(OrderState, Int64, OrderState?)])
  func absenceTakesItsTime(_ present: OrderState, _ seconds: Int64, _ becomes: OrderState?) {
    let decision = DeskDecision.of(
      Self.record(present), nil, slot: Self.slot, now: Self.slot.time + .seconds(seconds),
      absentAfter: .seconds(60))
    #expect(decision?.state == becomes)
  }

  /// Where a venue sets no bound to a request, silence proves nothing, however long it lasts.
  @Test func withoutABoundNothingIsAbsent() {
    let decision = DeskDecision.of(
      Self.record(.unknown), nil, slot: Self.slot, now: Self.slot.time + .hours(1000),
      absentAfter: nil)
    #expect(decision == nil)
  }

  @Test func whatAnEarlierRunDidNotSendIsOver() {
    let earlier = Slot(job: Self.slot.job, time: Self.slot.time - .hours(1))
    let record = Self.record(.intent, slot: earlier, updated: earlier.time)
    let own = DeskDecision.of(record, nil, slot: Self.slot, now: Self.now, absentAfter: .zero)
    #expect(own?.state == .expired)
    // Another job's order is left to that job.
    let other = Slot(job: JobName("other")!, time: Self.slot.time)
    #expect(
      DeskDecision.of(record, nil, slot: other, now: Self.now, absentAfter: .zero) == nil)
  }

  // What is done next.

  static func plan(_ state: Plan.State, round: Int = 0) -> Plan {
    Plan(
      id: 1, account: "main", slot: slot, round: round, run: nil, state: state, equity: .one,
      cash: .one, detail: "{}", created: slot.time)
  }

  static func step(_ change: (inout RebalanceStep.Facts) -> Void) -> RebalanceStep {
    var facts = RebalanceStep.Facts(
      now: slot.time + .seconds(10), latestSend: slot.time + .minutes(5),
      salesWithin: .minutes(1))
    change(&facts)
    return RebalanceStep.next(facts)
  }

  /// Where a venue tells late what became of an order at the market, the ledger waits for it, as long as
  /// for sales: a minute from the plan.
  @Test(
    arguments: [(true, 10, 15), (true, 58, 60), (true, 60, nil), (false, 10, nil)]
      as [(Bool, Int64, Int64?)])
  func waitsForWhatIsToldLate(isToldLate: Bool, after: Int64, until: Int64?) {
    let step = Self.step {
      $0.plan = Self.plan(.done)
      $0.orders = [Self.record(.open)]
      $0.isToldLate = isToldLate
      $0.now = Self.slot.time + .seconds(after)
    }
    #expect(step == until.map { .wait(until: Self.slot.time + .seconds($0)) } ?? .finish)
  }

  @Test func goesOnInRounds() {
    #expect(Self.step { _ in } == .plan(round: 0))
    #expect(Self.step { $0.plan = Self.plan(.open) } == .work)
    func done(_ orders: [OrderRecord], waits: Bool = false, round: Int = 0, after: Int64 = 10)
      -> RebalanceStep
    {
      Self.step {
        $0.plan = Self.plan(.done, round: round)
        $0.orders = orders
        $0.waitsForSales = waits
        $0.now = Self.slot.time + .seconds(after)
      }
    }
    // Purchases follow the sales: at once when these are done, whatever became of them.
    #expect(done([Self.record(.filled, filled: 10)], waits: true) == .plan(round: 1))
    #expect(done([Self.record(.rejected)], waits: true) == .plan(round: 1))
    // While sales work they have their time.
    let until = Self.slot.time + .seconds(15)
    #expect(done([Self.record(.open)], waits: true) == .wait(until: until))
    #expect(
      done([Self.record(.open)], waits: true, after: 58)
        == .wait(until: Self.slot.time + .minutes(1)))
    #expect(done([Self.record(.open)], waits: true, after: 60) == .plan(round: 1))
    // What ended before it was done gets another leg; what rests, or was refused, does not.
    #expect(done([Self.record(.cancelled, filled: 4)]) == .plan(round: 1))
    #expect(done([Self.record(.cancelled)]) == .finish)
    #expect(done([Self.record(.filled, filled: 10)]) == .finish)
    #expect(done([Self.record(.open, filled: 4)]) == .finish)
    // Never for ever, never past the deadline, never beside a doubt.
    #expect(
      done([Self.record(.cancelled, filled: 4)], round: RebalanceStep.maximumRounds - 1) == .finish)
    #expect(done([Self.record(.cancelled, filled: 4)], after: 301) == .finish)
    #expect(done([Self.record(.unknown)], waits: true) == .finish)
  }

  /// A lost answer is looked for, and what waited beside it goes on, within the deadline.
  @Test func waitsForADoubtAndGoesOn() {
    func next(_ states: [OrderState], doubted: Int64?, now: Int64) -> RebalanceStep {
      Self.step {
        $0.plan = Self.plan(.done)
        $0.orders = states.map { Self.record($0) }
        $0.doubted = doubted.map { Self.slot.time + .seconds($0) }
        $0.now = Self.slot.time + .seconds(now)
      }
    }
    func wait(_ seconds: Int64) -> RebalanceStep {
      .wait(until: Self.slot.time + .seconds(seconds))
    }
    // Looked at every five seconds, for two minutes.
    #expect(next([.filled, .unknown, .planned], doubted: 10, now: 10) == wait(15))
    #expect(next([.filled, .unknown, .planned], doubted: 10, now: 128) == wait(130))
    #expect(next([.filled, .unknown, .planned], doubted: 10, now: 130) == .finish)
    // Seen, or absent: what is left of the plan is sent.
    #expect(next([.filled, .filled, .planned], doubted: nil, now: 20) == .work)
    #expect(next([.planned], doubted: nil, now: 20) == .work)
    // A doubt of another slot that stays leaves what waits.
    #expect(next([.filled, .planned], doubted: -7200, now: 20) == .finish)
    // Never past the deadline.
    #expect(next([.unknown], doubted: 299, now: 301) == .finish)
    #expect(next([.planned], doubted: nil, now: 301) == .finish)
  }

  /// A plan without orders takes nothing from a later attempt at the slot.
  @Test(arguments: [true, false])
  func anEmptyPlanDoesNotUseUpTheSlot(_ isFirstLook: Bool) {
    let step = Self.step {
      $0.plan = Self.plan(.done)
      $0.isFirstLook = isFirstLook
    }
    #expect(step == (isFirstLook ? .plan(round: 1) : .finish))
  }

  // What it came to.

  static func line(_ hold: PlanLine.HoldKind?, _ reason: String? = nil) -> PlanLine {
    PlanLine(
      symbol: Symbol("A-USD")!, score: 1, price: .one, quantity: .zero, weight: .zero,
      targetWeight: .one, targetReason: "chosen", decision: hold == nil ? .buy : .hold, hold: hold,
      reason: reason)
  }

  @Test func aRebalanceThatCouldDoNothingIsNoSuccess() {
    let refused = Self.record(.rejected, reason: "no funds: 0 is free")
    let all = RebalanceVerdict(orders: [refused], lines: [Self.line(nil)])
    #expect(all.failure?.cause == "every order was refused (buy A-USD: no funds: 0 is free)")
    #expect(all.failure?.exit == .no)
    let halted = RebalanceVerdict(
      orders: [Self.record(.rejected, reason: "halted: drift")], lines: [Self.line(nil)])
    #expect(halted.failure?.cause == "blocked: halted: drift")
    #expect(halted.failure?.exit == .refused)
    let poor = RebalanceVerdict(
      orders: [], lines: [Self.line(.unable, "no equity"), Self.line(.settled)])
    #expect(
      poor.failure?.cause
        == "1 of 2 instruments could not be traded (A-USD: no equity)")
    let blind = RebalanceVerdict(orders: [], lines: [Self.line(.blind, "no fresh price")])
    #expect(blind.failure != nil)
  }

  /// A shadow that would have sent something has done its work, whatever else was refused.
  @Test func aShadowIsNoFailure() {
    let note = "shadow: it would have been sent, quoted at 12.5"
    let verdict = RebalanceVerdict(
      orders: [
        Self.record(.rejected, reason: note), Self.record(.rejected, reason: "no funds: 0 is free"),
      ], lines: [])
    #expect(verdict.failure == nil)
    #expect(verdict.summary == "shadow: 1 of 2 orders would have been sent")
    #expect(verdict.caveat?.hasPrefix("1 of 2 orders refused") == true)
    let alone = RebalanceVerdict(orders: [Self.record(.rejected, reason: note)], lines: [])
    #expect(alone.failure == nil && alone.caveat == nil)
  }

  @Test func aRebalanceThatDidSomeSaysWhatItDidNot() {
    let verdict = RebalanceVerdict(
      orders: [Self.record(.filled, filled: 10), Self.record(.rejected, reason: "no funds")],
      lines: [Self.line(nil), Self.line(.blind, "no fresh price")], warnings: ["small account"])
    #expect(verdict.failure == nil)
    #expect(verdict.summary == "2 orders: 1 filled, 1 rejected")
    #expect(
      verdict.caveat
        == "1 of 2 orders refused (buy A-USD: no funds); 1 of 2 instruments could not be traded "
        + "(A-USD: no fresh price); small account")
    let partly = RebalanceVerdict(
      orders: [
        Self.record(.cancelled, filled: 4, reason: "no volume is left"),
        Self.record(.filled, filled: 10),
      ], lines: [Self.line(nil)])
    #expect(partly.failure == nil)
    #expect(
      partly.caveat
        == "1 of 2 orders ended unfilled or in part (buy A-USD: 4 of 10, no volume is left)")
    let nothing = RebalanceVerdict(orders: [], lines: [Self.line(.settled), Self.line(.kept)])
    #expect(nothing.summary == "nothing to trade")
    #expect(nothing.caveat == nil)
    #expect(nothing.failure == nil)
  }

  // Whether there are scores enough.

  @Test(
    arguments: [
      (4, 1, nil), (3, 1, "fewer than the quorum"), (0, 5, "abstained on every instrument"),
    ] as [(Int, Int, String?)])
  func belowTheQuorumItAbstains(_ scored: Int, _ silent: Int, _ refusal: String?) {
    var scoring = Scoring(slot: Self.slot)
    for index in 0..<scored { scoring.scores[Symbol("S\(index)-USD")!] = 1 }
    for index in 0..<silent { scoring.silences[Symbol("Q\(index)-USD")!] = "stale" }
    let found = scoring.refusal(
      slot: Self.slot.time, maximumAge: .hours(2), quorum: Amount("0.8")!)
    if let refusal {
      #expect(found?.contains(refusal) == true)
    } else {
      #expect(found == nil)
    }
  }

  // Returns that the sizing looks at.

  @Test func returnsAreOfTheSameCandles() {
    func candles(_ closes: [Int: Double]) -> [Candle] {
      closes.sorted { $0.key < $1.key }.map {
        Candle(
          time: Instant(seconds: Int64($0.key) * 3600), open: $0.value, high: $0.value,
          low: $0.value, close: $0.value, volume: 1)
      }
    }
    let (a, b, c) = (Symbol("A-USD")!, Symbol("B-USD")!, Symbol("C-USD")!)
    // B lacks candle 2, so both go from 1 to 3; C is a newcomer, and is left out.
    let returns = CloseReturns.aligned(
      [
        a: candles([0: 1, 1: 2, 2: 3, 3: 4]), b: candles([0: 10, 1: 5, 3: 20]),
        c: candles([3: 7]),
      ], count: 3)
    #expect(returns == [a: [1, 1], b: [-0.5, 3]])
  }
}

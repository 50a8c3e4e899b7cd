public import Domain
import Exchange

/// Stands between the wire and a skin and lets happen what a plan of faults says: a value, so that the
/// same requests come to the same grief.
public struct FaultDesk: Sendable {
  /// What becomes of one request.
  public struct Assignment: Hashable, Sendable {
    /// Its class.
    public var callClass: String
    /// Which of its class it is, from 1.
    public var number: Int
    /// What goes wrong with it.
    public var faults: [FaultPlan.Fault]

    /// How long it is on its way, by the exchange's clock.
    public var delay: TimeSpan {
      faults.reduce(.zero) { sum, fault in
        if case .delay(let span) = fault { sum + span } else { sum }
      }
    }
  }

  /// How an answer reaches who asked.
  public struct Delivery: Hashable, Sendable {
    /// The answer; nil: the connection ends without one.
    public var reply: WireReply?
    /// After how many bytes of it the connection ends.
    public var cutAt: Int?
    /// How long apart its pieces come, by the machine's clock.
    public var drip: TimeSpan?
    /// Whether it is sent twice, one after the other on one connection.
    public var isTwice = false
  }

  private let plan: FaultPlan
  private var counts: [String: Int] = [:]
  private var total = 0
  private var skew = TimeSpan.zero
  private var drift: (rate: Double, since: Instant)?
  private var resumes: Instant?
  private var frozen: (skin: any WireSkin, until: Instant)?

  /// A desk with a plan.
  public init(_ plan: FaultPlan) { self.plan = plan }

  /// Counts a request and tells what becomes of it.
  public mutating func assign(_ request: WireRequest, _ skin: any WireSkin) -> Assignment {
    let name = skin.callClass(of: request)
    counts[name, default: 0] += 1
    total += 1
    let number = counts[name] ?? 1
    return Assignment(
      callClass: name, number: number, faults: plan.faults(of: name, number, ofAll: total))
  }

  /// Hands a request to a skin, with what goes wrong before, inside and after.
  public mutating func perform(
    _ request: WireRequest, _ assigned: Assignment, _ skin: inout any WireSkin, at now: Instant,
    machine: Instant
  ) -> Delivery {
    setClock(assigned.faults, &skin, now)
    setMarket(assigned.faults, &skin, now)
    for fault in assigned.faults {
      switch fault {
      case .drop: return Delivery(reply: nil)
      case .outOfOrder(let status):
        return Delivery(reply: skin.refusal(.outOfOrder(status), at: now))
      case .tooMany: return Delivery(reply: skin.refusal(.tooMany, at: now))
      case .ban: return Delivery(reply: skin.refusal(.banned, at: now))
      case .reject: return Delivery(reply: skin.refusal(.rejected, at: now))
      case .delay, .partial, .halt, .lag, .loseReply, .failAfter, .twice, .again, .cut, .garble,
        .drip, .offset, .drift:
        continue
      }
    }
    var reply = answer(request, assigned, &skin, now, machine)
    if assigned.faults.contains(.again) { reply = answer(request, assigned, &skin, now, machine) }
    return delivery(reply, assigned.faults, &skin, now)
  }

  private mutating func answer(
    _ request: WireRequest, _ assigned: Assignment, _ skin: inout any WireSkin, _ now: Instant,
    _ machine: Instant
  ) -> WireReply {
    if let stale = frozen, Self.questions.contains(assigned.callClass) {
      var old = stale.skin
      // Asked as of when it was frozen; the clock that it shows, and proves requests by, is that of now.
      old.floor.skew = skin.floor.skew + (now - old.floor.core.now)
      let reply = old.answer(request, at: old.floor.core.now, machine: machine)
      frozen?.skin = old
      return reply
    }
    let before = skin.floor.core.model.participation
    for case .partial(let part) in assigned.faults { skin.floor.core.model.participation = part }
    let reply = skin.answer(request, at: now, machine: machine)
    skin.floor.core.model.participation = before
    return reply
  }

  /// Calls that ask of orders and money, which real venues answer from copies that lag.
  private static let questions: Set<String> = [
    "find", "openOrders", "allOrders", "myTrades", "account",
  ]

  private mutating func setClock(
    _ faults: [FaultPlan.Fault], _ skin: inout any WireSkin, _ now: Instant
  ) {
    for fault in faults {
      switch fault {
      case .offset(let span): skew = skew + span
      case .drift(let rate): drift = (rate.amount.double, now)
      case .drop, .delay, .outOfOrder, .tooMany, .ban, .partial, .reject, .halt, .lag, .loseReply,
        .failAfter, .twice, .again, .cut, .garble, .drip:
        continue
      }
    }
    var shown = skew
    if let drift {
      let gone = Double((now - drift.since).milliseconds) * drift.rate
      shown = shown + .milliseconds(Int64(gone))
    }
    skin.floor.skew = shown
  }

  private mutating func setMarket(
    _ faults: [FaultPlan.Fault], _ skin: inout any WireSkin, _ now: Instant
  ) {
    if let until = frozen?.until, now >= until { frozen = nil }
    if let time = resumes, now >= time {
      skin.floor.setState(.listed)
      resumes = nil
    }
    for fault in faults {
      switch fault {
      case .halt(let span):
        skin.floor.setState(.halted)
        resumes = now + span
      case .lag(let span):
        skin.floor.advance(to: now)
        frozen = (skin, now + span)
      case .drop, .delay, .outOfOrder, .tooMany, .ban, .partial, .reject, .loseReply, .failAfter,
        .twice, .again, .cut, .garble, .drip, .offset, .drift:
        continue
      }
    }
  }

  private func delivery(
    _ reply: WireReply, _ faults: [FaultPlan.Fault], _ skin: inout any WireSkin, _ now: Instant
  ) -> Delivery {
    var delivery = Delivery(reply: reply)
    for fault in faults {
      switch fault {
      case .loseReply: return Delivery(reply: nil)
      case .failAfter(let status):
        delivery.reply = skin.refusal(.outOfOrder(status), at: now)
      case .cut(let count): delivery.cutAt = count
      case .drip(let span): delivery.drip = span
      case .garble: delivery.reply?.garble()
      case .twice: delivery.isTwice = true
      case .drop, .delay, .outOfOrder, .tooMany, .ban, .partial, .reject, .halt, .lag, .again,
        .offset, .drift:
        continue
      }
    }
    return delivery
  }
}

extension WireReply {
  /// Makes every sixteenth byte, from the eighth on, another.
  fileprivate mutating func garble() {
    for place in stride(from: 7, to: body.count, by: 16) { body[place] = UInt8(ascii: "~") }
  }
}

extension TradingFloor {
  /// Changes what may be done with every contract.
  mutating func setState(_ state: ContractState) {
    for one in listed { _ = core.operate(.setState(one.id, state), at: core.now) }
    journal.note(core.takeEvents(), core)
  }
}

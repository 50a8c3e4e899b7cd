import Domain
import Exchange
import Net
import Testing
import Venues

/// How many orders at Kraken are looked up by one look at the account.
@Suite struct KrakenLookUpTests {
  /// However many orders are in doubt, one look at the account decides, and a second one proves: without
  /// the trades where silence proves nothing yet.
  @Test(
    arguments: [
      (10, 120, ["OpenOrders", "ClosedOrders", "ClosedOrders", "OpenOrders", "TradesHistory"]),
      (10, 5, ["OpenOrders", "ClosedOrders", "ClosedOrders", "OpenOrders"]),
      (0, 120, []),
    ] as [(Int, Int64, [String])])
  func oneLookDecidesAllDoubts(_ count: Int, _ age: Int64, _ calls: [String]) async throws {
    let desk = KrakenDesk.desk { _ in nil }
    let ids = (0..<count).map { ClientOrderID("car-\($0)") }
    try await desk.venue.gather(desk.since(ids, secondsAgo: age))
    #expect(desk.stub.asked.map(\.method) == calls)
    let found = try await desk.venue.find(ids, on: desk.contract)
    #expect(desk.stub.asked.count == calls.count)
    #expect(found.count == count)
    // The venue tells whole seconds: half a second more or less.
    let asOf = KrakenDesk.venueTime + .milliseconds(500)
    for (_, sighting) in found { #expect(sighting == .absent(asOf: asOf)) }
  }

  /// What is seen needs no second look, and what is open not even those that ended.
  @Test(
    arguments: [
      ("open", ["OpenOrders"]), ("closed", ["OpenOrders", "ClosedOrders"]),
    ] as [(String, [String])])
  func whatIsSeenIsAskedOnce(_ list: String, _ calls: [String]) async throws {
    let desk = KrakenDesk.desk { Self.listed(in: list, $0) }
    try await desk.venue.gather(desk.since([KrakenDesk.id], secondsAgo: 120))
    let found = try await desk.venue.find([KrakenDesk.id], on: desk.contract)
    guard case .seen? = found[KrakenDesk.id] else {
      Issue.record("\(found)")
      return
    }
    #expect(desk.stub.asked.map(\.method) == calls)
  }

  private static func listed(in list: String, _ call: KrakenStub.Call) -> HTTPOutcome? {
    let method = list == "open" ? "OpenOrders" : "ClosedOrders"
    guard call.method == method else { return nil }
    return KrakenStub.ok(
      KrakenDesk.orders(
        list,
        list == "open"
          ? KrakenDesk.order()
          : KrakenDesk.order(
            status: "canceled", extra: "\"reason\":\"User requested\",\"closetm\":1.5,")))
  }

  /// Those that ended are asked for from a minute before the oldest order that is not open, by the venue's
  /// clock, which is three seconds ahead: 12:00:00 - 120 s - 60 s.
  @Test func looksNoFurtherBackThanTheIntents() async throws {
    let desk = KrakenDesk.desk { _ in nil }
    try await desk.venue.gather(desk.since([KrakenDesk.id], secondsAgo: 120))
    let starts = desk.stub.asked.compactMap { $0.parameters["start"] }
    let begin = KrakenDesk.venueTime.seconds - 180
    // The trades two seconds later, so that none is at the edge of the lists.
    #expect(starts == [begin, begin, begin + 2].map { "\($0)" })
  }

  /// A trade of an order that no list has: the lists lag, and nothing is proved.
  @Test func aTradeOfAnUnknownOrderProvesNothing() async throws {
    let desk = KrakenDesk.desk { call in
      call.method == "TradesHistory" ? KrakenStub.ok(KrakenDesk.history) : nil
    }
    do {
      try await desk.venue.gather(desk.since([KrakenDesk.id], secondsAgo: 120))
      Issue.record("it may be the order that is looked for")
    } catch let fault as Fault {
      #expect(fault.isTransient)
      #expect(fault.cause.contains(KrakenDesk.txid))
    }
  }

  /// Where more orders ended than are read, each is asked for by its own id.
  @Test func absenceIsNotConcludedFromPartOfAList() async throws {
    let row = KrakenDesk.order(
      status: "canceled", filled: "0.00000000", cost: "0.00000", fee: "0.00000", price: "0.00000",
      id: "other", trades: "")
    let page = (0..<50).map { number in
      let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
      let (first, second) = (Array(letters)[number / 26], Array(letters)[number % 26])
      return row.replacing(KrakenDesk.txid, with: "OUF4EM-FRGI2-MQMW\(first)\(second)")
    }
    let full = KrakenStub.ok(
      "{\"error\":[],\"result\":{\"closed\":{\(page.joined(separator: ","))}}}")
    let desk = KrakenDesk.desk { call in
      call.method == "ClosedOrders" && call.parameters["cl_ord_id"] == nil ? full : nil
    }
    try await desk.venue.gather(desk.since([KrakenDesk.id], secondsAgo: 120))
    let before = desk.stub.asked.count
    let found = try await desk.venue.find([KrakenDesk.id], on: desk.contract)
    guard case .absent? = found[KrakenDesk.id] else {
      Issue.record("\(found)")
      return
    }
    #expect(
      desk.stub.asked[before...].map { $0.parameters["cl_ord_id"] } == [
        KrakenDesk.id.text, KrakenDesk.id.text,
      ])
  }

  /// What we do ourselves ends what was known.
  @Test func anOrderOfOursEndsTheLook() async throws {
    let desk = KrakenDesk.desk { _ in nil }
    let other = ClientOrderID("car-other")
    try await desk.venue.gather(desk.since([other], secondsAgo: 5))
    _ = await desk.place()
    let before = desk.stub.asked.count
    _ = try await desk.venue.find([other], on: desk.contract)
    #expect(desk.stub.asked.count == before + 4)
  }

  /// What was proved to be absent is not asked for again, until it is sent anew; what is younger than the proof
  /// is asked for each time.
  @Test(arguments: [(Int64(120), 0, 5), (5, 4, 4)])
  func whatIsGoneIsNotAskedForAgain(_ age: Int64, _ again: Int, _ anew: Int) async throws {
    let desk = KrakenDesk.desk {
      $0.method == "AddOrder" ? .unanswered(KrakenSpotTests.fault) : nil
    }
    let wanted = desk.since([KrakenDesk.id], secondsAgo: age)
    try await desk.venue.gather(wanted)
    var before = desk.stub.asked.count
    try await desk.venue.gather(wanted)
    #expect(desk.stub.asked.count - before == again)
    _ = await desk.place()
    before = desk.stub.asked.count
    try await desk.venue.gather(wanted)
    #expect(desk.stub.asked.count - before == anew)
  }

  /// The switch is set in whole seconds, and believed only where the answer says when it would act.
  @Test(
    arguments: [
      (60_000, "60", "\"2026-11-28T12:01:00Z\"", true), (60_999, "60", "\"0\"", false),
      (nil, "0", "\"0\"", true), (nil, "0", "\"2026-11-28T12:01:00Z\"", false),
      (60_000, "60", "null", false),
    ] as [(Int64?, String, String, Bool)])
  func theSwitchIsConfirmed(
    _ span: Int64?, _ timeout: String, _ trigger: String, _ isRight: Bool
  ) async throws {
    let desk = KrakenDesk.desk {
      $0.method == "CancelAllOrdersAfter"
        ? KrakenStub.ok("{\"error\":[],\"result\":{\"triggerTime\":\(trigger)}}") : nil
    }
    do {
      try await desk.venue.cancelAll(after: span.map { .milliseconds($0) })
      #expect(isRight)
    } catch is Fault {
      #expect(!isRight)
    }
    #expect(desk.stub.asked.map { $0.parameters["timeout"] } == [timeout])
  }
}

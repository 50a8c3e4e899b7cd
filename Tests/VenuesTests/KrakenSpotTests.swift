import Domain
import Exchange
import Net
import Testing
import Venues

/// What Kraken's answers mean: done, refused, not sent, or in doubt.
@Suite struct KrakenSpotTests {
  enum Meaning: Sendable { case accepted, refused, notSent, unknown }

  static func meaning(_ placement: Placement) -> Meaning {
    switch placement {
    case .accepted: .accepted
    case .refused: .refused
    case .notSent: .notSent
    case .unknown: .unknown
    }
  }

  static let fault = Fault("ask", "there", cause: "it broke off", exit: .unavailable)

  /// Texts of docs.kraken.com, "Errors"; what is not documented, and what promises nothing, leaves a doubt.
  static let answers: [(HTTPOutcome, Meaning)] = [
    // What is documented to be certainly not done.
    (KrakenStub.errors("EOrder:Insufficient funds"), .refused),
    (KrakenStub.errors("EOrder:Order minimum not met"), .refused),
    (KrakenStub.errors("EOrder:Cost minimum not met"), .refused),
    (KrakenStub.errors("EOrder:Tick size check failed"), .refused),
    (KrakenStub.errors("EGeneral:Invalid arguments:volume"), .refused),
    (KrakenStub.errors("EGeneral:Permission denied"), .refused),
    (KrakenStub.errors("EAPI:Invalid key"), .refused),
    (KrakenStub.errors("EAPI:Invalid signature"), .refused),
    (KrakenStub.errors("EQuery:Unknown asset pair"), .refused),
    (KrakenStub.errors("EOrder:Post only order"), .refused),
    (KrakenStub.errors("EService:Market in cancel_only mode"), .refused),
    // The same, and it may be sent again.
    (KrakenStub.errors("EAPI:Rate limit exceeded"), .notSent),
    (KrakenStub.errors("EOrder:Rate limit exceeded"), .notSent),
    (KrakenStub.errors("EGeneral:Temporary lockout"), .notSent),
    (KrakenStub.errors("EService:Throttled: 1764331300"), .notSent),
    (KrakenStub.errors("EService:Deadline elapsed"), .notSent),
    (.answered(HTTPResponse(status: 429)), .notSent),
    (.notSent(fault), .notSent), (.refused(fault), .notSent),
    // Nothing is promised.
    (KrakenStub.errors("EService:Unavailable"), .unknown),
    (KrakenStub.errors("EService:Busy"), .unknown),
    (KrakenStub.errors("EGeneral:Internal error"), .unknown),
    (KrakenStub.errors("EAPI:Invalid nonce"), .unknown),
    (KrakenStub.errors("EOrder:Insufficient fundt"), .unknown),
    (KrakenStub.errors("EOrder:Something new"), .unknown),
    (KrakenStub.errors("EOrder:Insufficient funds", "EOrder:Something new"), .unknown),
    (.unanswered(fault), .unknown),
    (.answered(HTTPResponse(status: 502)), .unknown),
    (.answered(HTTPResponse(status: 520, body: Array("<html>".utf8))), .unknown),
    (KrakenStub.ok("<html>Maintenance</html>"), .unknown),
    (KrakenStub.ok("{\"error\":[]}"), .unknown),
    (KrakenStub.ok("{\"error\":[],\"result\":{\"txid\":[]}}"), .unknown),
    (KrakenStub.ok("{\"error\":[],\"result\":{\"txid\":[\"OUF4EM\"]}}"), .unknown),
    (KrakenStub.ok("{\"error\":[],\"result\":{\"txid\":[\"A\",\"B\"]}}"), .unknown),
    (
      KrakenStub.ok("{\"error\":[\"EOrder:Insufficient funds\"],\"result\":{\"txid\":[]}}"),
      .unknown
    ),
    // Done; a warning changes nothing.
    (KrakenStub.ok(KrakenDesk.placed), .accepted),
    (
      KrakenStub.ok(
        KrakenDesk.placed.replacing("\"error\":[]", with: "\"error\":[\"WGeneral:Slow\"]")),
      .accepted
    ),
  ]

  @Test(arguments: answers.indices)
  func readsAnswersToAnOrder(_ index: Int) async {
    let (answer, meaning) = Self.answers[index]
    let desk = KrakenDesk.desk { $0.method == "AddOrder" ? answer : nil }
    let placed = await desk.place()
    #expect(Self.meaning(placed) == meaning, "\(answer): \(placed)")
    let orders = desk.stub.asked.count { $0.method == "AddOrder" }
    // Sent once, but for one that came too late, which certainly had no effect.
    if case .answered(let response) = answer,
      String(decoding: response.body, as: UTF8.self).contains("Deadline")
    {
      #expect(orders == 2)
    } else {
      #expect(orders == 1)
    }
  }

  /// Whatever refuses it: where the order stands, the answer was that to a second one.
  @Test(arguments: [
    "EAPI:Invalid nonce", "EOrder:Insufficient funds", "EGeneral:Invalid arguments",
  ])
  func anOrderThatStandsWasTaken(_ text: String) async {
    let desk = KrakenDesk.desk { call in
      switch call.method {
      case "AddOrder": KrakenStub.errors(text)
      case "OpenOrders": KrakenStub.ok(KrakenDesk.orders("open", KrakenDesk.order()))
      default: nil
      }
    }
    guard case .accepted(let standing) = await desk.place() else {
      Issue.record("it stands")
      return
    }
    #expect(standing.venueID == KrakenDesk.txid)
    #expect(standing.filled.amount == Amount("0.625"))
  }

  /// Three seconds ahead, cut to a second, so half a second more or less: 12:00:00.5 and six seconds, cut.
  @Test func sendsWhatIsDocumented() async throws {
    let desk = KrakenDesk.desk { $0.method == "AddOrder" ? .unanswered(Self.fault) : nil }
    guard case .unknown(let doubt) = await desk.place() else {
      Issue.record("no answer is a doubt")
      return
    }
    var sent = try #require(desk.stub.asked.first).parameters
    let nonce = try #require(sent.removeValue(forKey: "nonce").flatMap { Int64($0) })
    #expect(nonce == (KrakenDesk.venueTime - .seconds(3)).milliseconds * 1_000_000)
    #expect(
      sent == [
        "pair": "XBTUSD", "type": "buy", "ordertype": "limit", "volume": "1.25",
        "price": "37500.5", "oflags": "fciq", "cl_ord_id": KrakenDesk.id.text,
        "deadline": "2026-11-28T12%3A00%3A06Z",
      ])
    #expect(doubt.validUntil == KrakenDesk.venueTime + .seconds(3))
    #expect(doubt.since == KrakenDesk.venueTime - .seconds(3))
  }

  @Test func anOrderThatCannotComeInTimeIsNotSent() async {
    let desk = KrakenDesk.desk { _ in nil }
    let placed = await desk.venue.place(
      desk.ticket(), on: desk.contract, validUntil: KrakenDesk.venueTime - .seconds(2))
    #expect(placed == .refused(.tooLate))
    #expect(desk.stub.asked.isEmpty)
  }

  @Test(arguments: ["car-k3v9q2m7x4hd1z5", "", "car k3", "car-ä"])
  func takesNoIdThatKrakenDoesNot(_ id: String) async {
    let desk = KrakenDesk.desk { _ in nil }
    let placed = await desk.venue.place(
      desk.ticket(ClientOrderID(id)), on: desk.contract, validUntil: nil)
    #expect(placed == .refused(.impossible))
    #expect(desk.stub.asked.isEmpty)
  }

  /// An order is absent only when four answers do not have it.
  @Test func isAbsentOnlyWhenNoAnswerHasIt() async throws {
    let desk = KrakenDesk.desk { _ in nil }
    let found = try await desk.venue.find([KrakenDesk.id], on: desk.contract)
    guard case .absent? = found[KrakenDesk.id] else {
      Issue.record("\(found)")
      return
    }
    #expect(
      desk.stub.asked.map(\.method) == [
        "OpenOrders", "ClosedOrders", "ClosedOrders", "OpenOrders",
      ])
  }

  /// Kraken shows what it took some seconds later: until then it stands as it was taken.
  @Test func whatWasTakenIsNotAbsentAMomentLater() async throws {
    let desk = KrakenDesk.desk { _ in nil }
    _ = await desk.place()
    let found = try await desk.venue.find([KrakenDesk.id], on: desk.contract)
    guard case .seen(let standing)? = found[KrakenDesk.id] else {
      Issue.record("\(found)")
      return
    }
    #expect(standing.state == .open)
    #expect(standing.venueID == KrakenDesk.txid)
  }

  /// The trades of an order add up to what it says of itself, or are no answer.
  @Test(arguments: [
    ("0.62500000", "23437.50000", "93.75000", true),
    ("0.62600000", "23475.00000", "93.75000", false),
    ("0.62500000", "23437.50000", "93.85000", false),
  ])
  func tradesAddUp(_ filled: String, _ cost: String, _ fee: String, _ isRight: Bool) async throws {
    let desk = KrakenDesk.desk { call in
      call.method == "OpenOrders"
        ? KrakenStub.ok(
          KrakenDesk.orders("open", KrakenDesk.order(filled: filled, cost: cost, fee: fee))) : nil
    }
    do {
      let fills = try await desk.venue.fills(ofOrder: KrakenDesk.id, on: desk.contract)
      #expect(isRight)
      #expect(fills.map(\.fee) == [Money(Amount("93.75")!, "USD")])
      #expect(fills.map(\.id) == [KrakenDesk.trade])
      #expect(fills.first?.isMaker == true)
    } catch let fault as Fault {
      #expect(!isRight)
      #expect(fault.cause.contains("its trades are"))
    }
  }

  @Test(arguments: [
    ("open", "0.00000000", VenueOrder.State.open), ("pending", "0.00000000", .open),
    ("closed", "1.25000000", .filled), ("canceled", "0.00000000", .cancelled),
    ("expired", "0.00000000", .expired),
  ])
  func readsStates(_ status: String, _ filled: String, _ state: VenueOrder.State) async throws {
    let cost = filled.hasPrefix("1") ? "46875.00000" : "0.00000"
    let row = KrakenDesk.order(
      status: status, filled: filled, cost: cost, fee: "0.00000",
      price: filled.hasPrefix("1") ? "37500.00000" : "0.00000", trades: "")
    let desk = KrakenDesk.desk {
      $0.method == "ClosedOrders" ? KrakenStub.ok(KrakenDesk.orders("closed", row)) : nil
    }
    let found = try await desk.venue.find([KrakenDesk.id], on: desk.contract)
    guard case .seen(let standing)? = found[KrakenDesk.id] else {
      Issue.record("\(found)")
      return
    }
    #expect(standing.state == state)
  }

  @Test func readsBalances() async throws {
    let account = try await KrakenDesk.desk { _ in nil }.venue.account()
    // 25435.21 - 8249.76 and 1.2435 - 0.8423; what is lent is an asset of its own.
    #expect(
      account.free == [
        "USD": Amount("17185.45")!, "BTC": Amount("0.4012")!, "BTC.F": Amount("0.01")!,
      ])
    #expect(account.locked["USD"] == Amount("8249.76"))
    #expect(account.locked["BTC"] == Amount("0.8423"))
  }
}

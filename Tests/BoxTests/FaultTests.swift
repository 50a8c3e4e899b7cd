import Domain
import Exchange
import StrictYAML
import Testing

@testable import Box

@Suite struct FaultFileTests {
  @Test(arguments: [
    ("place#3 after lose-reply", FaultPlan.Rule(callClass: "place", number: 3, .loseReply)),
    ("  * before delay 8s  ", FaultPlan.Rule(callClass: nil, number: nil, .delay(.seconds(8)))),
    ("cancel before 5xx", FaultPlan.Rule(callClass: "cancel", number: nil, .outOfOrder(503))),
    (
      "cancel before 5xx 504 # the gateway",
      FaultPlan.Rule(callClass: "cancel", number: nil, .outOfOrder(504))
    ),
    (
      "place#1 inside partial 0.25",
      FaultPlan.Rule(callClass: "place", number: 1, .partial(Rate(Amount("0.25")!)))
    ),
    ("find inside lag 20s", FaultPlan.Rule(callClass: "find", number: nil, .lag(.seconds(20)))),
    (
      "time#2 clock offset -3s",
      FaultPlan.Rule(callClass: "time", number: 2, .offset(.zero - .seconds(3)))
    ),
    ("klines after cut 10", FaultPlan.Rule(callClass: "klines", number: nil, .cut(10))),
    ("*#100 before 418", FaultPlan.Rule(callClass: nil, number: 100, .ban)),
  ])
  func readsLines(_ line: String, _ rule: FaultPlan.Rule) throws {
    #expect(try FaultFile.read("# a plan\n\n\(line)\n", file: "f").rules == [rule])
  }

  @Test(arguments: [
    // line -> column, the beginning of what is said
    ("plce after lose-reply", 1, "no call is named `plce`"),
    ("place#0 after lose-reply", 1, "`0` is no number of a call"),
    ("place after", 1, "a line is CALL STAGE FAULT"),
    ("place after lose-replies", 7, "there is no fault `after lose-replies`"),
    ("place before delay soon", 20, "`before delay` wants a span"),
    ("place before delay", 14, "`before delay` wants a span"),
    ("place before 5xx 404", 18, "`before 5xx` wants a status from 500"),
    ("place before drop 5s", 19, "`before drop` wants no value"),
  ])
  func tellsWhereAMistakeIs(_ line: String, _ column: Int, _ words: String) throws {
    let found = #expect(throws: Diagnostics.self) {
      try FaultFile.read("# a plan\n\(line)", file: "f")
    }
    let first = try #require(found?.items.first)
    #expect((first.location.line, first.location.column) == (2, column))
    #expect(first.message.hasPrefix(words), "\(first.message)")
  }

  @Test func everyFaultIsReadBackAsItIsWritten() throws {
    let faults: [FaultPlan.Fault] = [
      .drop, .delay(.milliseconds(250)), .outOfOrder(500), .tooMany, .ban,
      .partial(Rate(Amount("0.5")!)), .reject, .halt(.minutes(1)), .lag(.seconds(9)), .loseReply,
      .failAfter(502), .twice, .again, .cut(7), .garble, .drip(.milliseconds(5)),
      .offset(.seconds(2)),
      .drift(Rate(Amount("0.01")!)),
    ]
    let text = faults.map { "place \($0)" }.joined(separator: "\n")
    #expect(try FaultFile.read(text, file: "f").rules.map(\.fault) == faults)
  }

  @Test func aSeedDrawsTheSameForEver() {
    let plan = FaultPlan(rules: [], seed: 7)
    let drawn = (1...600).map { plan.faults(of: "place", $0) }
    #expect(drawn == (1...600).map { plan.faults(of: "place", $0) })
    #expect(drawn != (1...600).map { FaultPlan(rules: [], seed: 8).faults(of: "place", $0) })
    // One of twelve: 50 of 600, and 6.8 is a standard deviation of that.
    let count = drawn.count { !$0.isEmpty }
    #expect((20...80).contains(count))
    #expect(FaultPlan.none.faults(of: "place", 1).isEmpty)
  }
}

/// Each fault with what is done, what is told, and what a look-up finds afterwards.
@Suite struct FaultDeskTests {
  struct World {
    var box: BoxWorld
    var desk: FaultDesk

    init(_ plan: String) throws {
      box = try BoxWorld()
      desk = FaultDesk(try FaultFile.read(plan, file: "f"))
    }

    mutating func send(_ method: String, _ path: String, _ query: String) -> FaultDesk.Delivery {
      var skin: any WireSkin = box.skin
      let request = box.request(method, path, query)
      let assigned = desk.assign(request, skin)
      let now = box.now + assigned.delay
      let delivery = desk.perform(request, assigned, &skin, at: now, machine: now)
      if let binance = skin as? BinanceSkin { box.skin = binance }
      return delivery
    }

    mutating func buy(_ quantity: String = "1") -> FaultDesk.Delivery {
      send(
        "POST", "/api/v3/order", "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=\(quantity)")
    }
  }

  @Test(arguments: [
    // plan -> status (0: no answer), orders that were taken
    ("place before drop", 0, 0), ("place before 5xx 504", 504, 0), ("place before 429", 429, 0),
    ("place before 418", 418, 0), ("place before delay 4s", 200, 1),
    ("place before delay 6s", 400, 0),  // beyond the window of five seconds
    ("place inside reject", 400, 0), ("place inside halt", 400, 0),
    ("place after lose-reply", 0, 1), ("place after 5xx", 502, 1), ("place after twice", 200, 1),
    ("place after again", 200, 2),
    ("place after garble", 200, 1), ("place after cut 10", 200, 1), ("place#2 before drop", 200, 1),
    ("cancel before drop", 200, 1), ("* before drop", 0, 0),
    ("place clock offset 6s", 400, 0), ("place clock offset 4s", 200, 1),
    ("place clock offset -2s", 400, 0),
  ])
  func aPlacedOrderComesToGrief(_ plan: String, _ status: Int, _ orders: Int) throws {
    var world = try World(plan)
    let delivery = world.buy()
    #expect(delivery.reply?.status ?? 0 == status, "\(delivery.reply?.text ?? "")")
    #expect(world.box.skin.floor.core.orders.count == orders)
  }

  @Test func aReplyIsCutAndGarbledAsTold() throws {
    var world = try World(
      """
      place#1 after cut 10
      place#2 after garble
      place#3 after drip 20ms
      place#4 after twice
      """)
    #expect(world.buy().cutAt == 10)
    #expect(world.buy().reply?.json == .null, "it is JSON no more")
    #expect(world.buy().drip == .milliseconds(20))
    #expect(world.buy().isTwice)
    #expect(!world.buy().isTwice, "only the fourth was to be told twice")
  }

  /// 600 are in the book, of which a thousandth may be taken: 0.6.
  @Test func aPartIsFilledAndTheRestExpires() throws {
    var world = try World("place inside partial 0.001")
    let reply = try #require(world.buy("1").reply?.json)
    #expect(reply["executedQty"]?.string == "0.60000000")
    #expect(reply["status"]?.string == "EXPIRED")
  }

  @Test func aLagHidesAnOrderForAWhile() throws {
    var world = try World("place#1 inside lag 20s")
    let query = "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=90"
    #expect(world.send("POST", "/api/v3/order", query).reply?.status == 200)
    let find = { (world: inout World) in
      world.send("GET", "/api/v3/order", "symbol=ETHUSDT&orderId=1").reply?.error
    }
    world.box.now = world.box.now + .seconds(19)
    #expect(find(&world) == "400 -2013 Order does not exist.")
    world.box.now = world.box.now + .seconds(1)
    #expect(find(&world) == "200 0 ")
  }

  @Test func aHaltEnds() throws {
    var world = try World("place#1 inside halt 30s")
    #expect(world.buy().reply?.error == "400 -2010 Market is closed.")
    world.box.now = world.box.now + .seconds(30)
    #expect(world.buy().reply?.status == 200)
  }
}

import Box
import Cryptography
import Domain
import Exchange
import Glibc
import Logging
import Net
import Testing
import Venues

/// The exchange in the box on a port of loopback: what only the wire can tell.
@Suite(.serialized) struct BoxServerTests {
  private static let symbol = Symbol(base: "ETH", quote: "USDT")!

  /// A server with a plan of faults, whose clock stands, while somebody speaks with it.
  private func serving(
    _ plan: FaultPlan, _ body: @Sendable (Int, BoxServer, StandingTime) async throws -> Void
  ) async throws {
    let time = StandingTime(BinanceBoxTests.opening)
    let instrument = Instrument(
      symbol: Self.symbol, tick: Amount("0.01")!, lot: Amount("0.0001")!,
      minimumNotional: Amount(5))
    let account = BoxAccount(
      name: "main", key: "public", secret: Secret("hidden"), balances: ["USDT": Amount(50_000)])
    let clock = BoxClock(started: time.now, opening: time.now, speed: 1)
    let skin = try BinanceSkin(
      BoxMarket([.init(instrument: instrument, series: LevelSeries())]), accounts: [account],
      clock: clock)
    let server = BoxServer(
      skin, clock: clock, time: time, faults: plan,
      logger: Logger(label: "box") { _ in
        SwiftLogNoOpLogHandler()
      })
    let (ports, told) = AsyncStream<Int>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { told.finish() }
        try await server.run { told.yield($0) }
      }
      for await port in ports {
        try await body(port, server, time)
        break
      }
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  /// Two answers stand on the connection, byte for byte the same bodies, though one question was asked.
  @Test func anAnswerStandsTwiceOnTheConnection() async throws {
    let plan = FaultPlan(
      rules: [FaultPlan.Rule(callClass: "time", number: 2, .twice)], seed: nil)
    try await serving(plan) { port, _, _ in
      let request =
        "GET /api/v3/time HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n"
      for bodies in [1, 2, 1] {
        let told = try await Self.bytes(after: request, port)
        let text = String(decoding: told, as: UTF8.self)
        #expect(Self.count(of: "HTTP/1.1 200", in: text) == bodies, "\(text)")
        let time = "{\"serverTime\":\(BinanceBoxTests.opening.milliseconds)}"
        #expect(Self.count(of: time, in: text) == bodies, "\(text)")
        #expect(text.hasSuffix(time))
      }
    }
  }

  /// Our client takes the first answer for its order, and the second for nothing: an order has a connection
  /// of its own, so that it is not the answer to what is asked next either.
  @Test func ourClientStandsAnswersThatComeTwice() async throws {
    let plan = FaultPlan(
      rules: [FaultPlan.Rule(callClass: "place", number: nil, .twice)], seed: nil)
    try await serving(plan) { port, server, time in
      let venue = BinanceSpot(
        transport: try CurlTransport(), baseURL: "http://127.0.0.1:\(port)", name: "binance",
        key: BinanceKey(id: Secret("public"), signing: .hmac(Secret("hidden"))), time: time,
        fees: BinanceSkin.fees)
      let contract = venue.contract(
        Instrument(
          symbol: Self.symbol, tick: Amount("0.01")!, lot: Amount("0.0001")!,
          minimumNotional: Amount(5)))
      for name in ["car-first", "car-second"] {
        let ticket = OrderTicket(
          id: ClientOrderID(name), contract: contract.id, side: .buy,
          quantity: contract.quantity(Amount(1)), limit: nil)
        guard
          case .accepted(let standing) = await venue.place(
            ticket, on: contract, validUntil: nil)
        else {
          Issue.record("\(name) was not taken")
          return
        }
        #expect(standing.id == ticket.id && standing.state == .filled)
        let found = try await venue.find([ticket.id], on: contract)
        guard case .seen(standing)? = found[ticket.id] else {
          Issue.record("\(name): \(found)")
          return
        }
        #expect(try await venue.account().free["ETH"] != nil)
      }
      #expect(server.floor.core.orders.count == 2)
    }
  }

  private static func count(of part: String, in text: String) -> Int {
    text.ranges(of: part).count
  }

  /// All that comes on a connection of its own until the other side ends it.
  private static func bytes(after request: String, _ port: Int) async throws -> [UInt8] {
    try await withCheckedThrowingContinuation { continuation in
      do {
        try PlainThread { continuation.resume(returning: read(request, port)) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  private static func read(_ request: String, _ port: Int) -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
    }
    guard connected == 0 else { return [] }
    let sent = Array(request.utf8)
    guard write(descriptor, sent, sent.count) == sent.count else { return [] }
    var (bytes, part) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
    while case let count = Glibc.read(descriptor, &part, part.count), count > 0 {
      bytes += part[..<count]
    }
    return bytes
  }
}

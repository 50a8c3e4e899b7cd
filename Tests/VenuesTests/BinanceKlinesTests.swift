import Domain
import Glibc
import Net
import Testing
import Venues

/// The rows of an answer: what is taken, what is set apart, and what it may cost.
extension BinanceMarketTests {
  /// One question for the time serves all series of a slot, and every slot before.
  @Test func asksForTheTimeOnce() async throws {
    let transport = ScriptedExchange(Self.exchange)
    let market = market(transport)
    for n in Int64(1)...5 {
      _ = try await market.candles(
        ethbtc, fiveMinutes, from: nil, closedBy: Instant(milliseconds: Self.start + n * 300_000),
        limit: 10)
    }
    #expect(transport.requests.filter { $0 == "/api/v3/time" }.count == 1)
  }

  @Test func setsBadRowsApart() async throws {
    let good = Self.rows([0]).dropFirst().dropLast()
    let second = Self.start + 300_000
    let bad = [
      ("[\(second),\"1\",\"2\",\"0.5\",\"x\",\"1\",\(second + 299_999)]", "close is not a number"),
      ("[\(second),\"1\",\"2\",\"0.5\"]", "4 fields instead of 12"),
      (
        "[\(second),\"1\",\"2\",\"0.5\",\"1\",\"1\",\(second + 300_000)]",
        "the close time is more than 5m after the open time"
      ),
      (
        "[\(Self.start),\"1\",\"2\",\"0.5\",\"1\",\"1\",\(Self.start + 1)]",
        "time 2018-01-10T04:55:00Z is that of the row before again"
      ),
      (
        "[\(Int64.max),\"1\",\"2\",\"0.5\",\"1\",\"1\",\(Int64.max)]",
        "the open time is not a time in milliseconds"
      ),
      (
        "[\(Int64.min),\"1\",\"2\",\"0.5\",\"1\",\"1\",\(Int64.min)]",
        "the open time is not a time in milliseconds"
      ),
      ("[1.5e12,\"1\",\"2\",\"0.5\",\"1\",\"1\",1]", "the open time is not a time in milliseconds"),
      (
        "[\"soon\",\"1\",\"2\",\"0.5\",\"1\",\"1\",9]",
        "the open time is not a time in milliseconds"
      ),
      ("7", "not a list"),
    ]
    for (row, reason) in bad {
      let batch = try await batch(of: "[\(good),\(row)]")
      #expect(batch.candles.count == 1)
      #expect(batch.rejected.map(\.reason) == [reason])
      #expect(batch.resumeFrom == nil)
    }
    let placed = try await batch(of: "[\(good),\(bad[0].0)]")
    #expect(placed.rejected[0].place == "klines ETHBTC 5m 1515560400000")
    #expect(placed.rejected[0].text == "1515560400000,1,2,0.5,x,1,1515560699999")
  }

  /// Our clock is ahead: the last candle is not closed at the venue, and must not be taken.
  @Test func asksForNothingThatTheVenueHasNotClosed() async throws {
    let transport = ScriptedExchange { path, query in
      if path == "/api/v3/time" {
        return ScriptedExchange.ok("{\"serverTime\":\(Self.start + 599_999)}")
      }
      return Self.exchange(path, query)
    }
    let batch = try await market(transport).candles(
      ethbtc, fiveMinutes, from: Instant(milliseconds: Self.start),
      closedBy: Instant(milliseconds: Self.start + 600_000), limit: 10)
    #expect(batch.candles.map(\.time.milliseconds) == [Self.start])
    #expect(batch.resumeFrom == nil)
  }

  /// A page that is bad throughout is not gone past: whoever asks has to decide.
  @Test func staysBeforeABadPage() async throws {
    let row = "[\(Self.start),\"1\",\"2\",\"0.5\",\"1\",\"-1\",\(Self.start + 299_999)]"
    let batch = try await batch(of: "[\(row),[],[]]", limit: 3)
    #expect(batch.candles == [])
    #expect(batch.rejected.count == 3)
    #expect(batch.rejected.allSatisfy { $0.askFrom == Instant(milliseconds: Self.start) })
    #expect(batch.resumeFrom == nil)
  }

  @Test(
    arguments: [
      // rows in the order of the answer -> candles kept, rows set apart
      ([0, 1, 900, 2, 3], [0, 1, 2, 3], 1),  // a stray one in the future
      ([5, 0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5], 1),  // the first has a wrong time
      ([0, 0, 1, 1, 2, 2], [0, 1, 2], 3),  // each twice
      ([-100, -99, 0, 1, 2], [0, 1, 2], 2),  // before the question
    ] as [([Int64], [Int64], Int)])
  func setsStrayRowsApart(_ order: [Int64], _ kept: [Int64], _ apart: Int) async throws {
    let batch = try await batch(of: Self.pick(order))
    #expect(batch.candles.map { ($0.time.milliseconds - Self.start) / 300_000 } == kept)
    #expect(batch.rejected.count == apart)
  }

  @Test func refusesAPageThatBeginsWithTheNewest() async throws {
    let fault = await #expect(throws: Fault.self) {
      try await batch(of: Self.pick([4, 3, 2, 1, 0]))
    }
    #expect(fault?.cause.hasSuffix("its rows run from the newest to the oldest") == true)
    let seconds = Self.rows(0..<4).replacing("00000,\"0.0", with: "00,\"0.0")
    let other = await #expect(throws: Fault.self) { try await batch(of: seconds) }
    #expect(other?.cause.hasSuffix("its times are in seconds, not milliseconds") == true)
  }

  /// 64 MB of numbers of one digit, as a page and as a list of symbols, in a process that may not
  /// grow by more than twice the answer.
  @Test(arguments: ["[", "{\"symbols\":["])
  func theMemoryOfAnAnswerIsBounded(_ opening: String) async throws {
    let closing = opening == "[" ? "]" : "]}"
    let body = Array((opening + String(repeating: "1,", count: 32 << 20) + "1" + closing).utf8)
    let transport = ScriptedExchange { path, _ in
      path == "/api/v3/time"
        ? ScriptedExchange.ok("{\"serverTime\":\(Self.now)}")
        : HTTPResponse(status: 200, body: body)
    }
    let market = market(transport)
    let before = residentBytes()
    let fault = await #expect(throws: Fault.self) {
      if opening == "[" {
        _ = try await market.candles(
          ethbtc, fiveMinutes, from: nil, closedBy: Instant(milliseconds: Self.now), limit: 1000)
      } else {
        _ = try await market.symbols()
      }
    }
    // The memory of a process tells nothing while other tests run in it: `make test` runs this alone.
    if getenv("CARILLON_ALONE") != nil { #expect(residentBytes() - before < 128 << 20) }
    #expect(fault?.cause.contains("more than the 1000 rows") == true || opening != "[")
    #expect(fault?.cause.contains("more than 50000 symbols") == true || opening == "[")
    #expect(transport.limits.allSatisfy { $0 <= 64 << 20 })
    #expect(transport.limits.contains { $0 <= 1 << 20 } || opening != "[")
  }

  /// The largest memory that this process has had, in bytes.
  private func residentBytes() -> Int {
    var usage = rusage()
    #expect(getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0)
    return usage.ru_maxrss * 1024
  }
}

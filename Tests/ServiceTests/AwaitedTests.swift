import Domain
import Service
import Testing

/// What `CARILLON_WAIT_FOR` names, and how long it is waited for.
@Suite struct AwaitedTests {
  @Test(arguments: [
    ("tcp://db:5432", [Awaited.Target.tcp(host: "db", port: 5432)]),
    ("tcp://10.0.0.1:1", [.tcp(host: "10.0.0.1", port: 1)]),
    ("tcp://[::1]:8787", [.tcp(host: "::1", port: 8787)]),
    ("http://proxy:8080/health", [.http("http://proxy:8080/health")]),
    // Blanks, commas and line breaks separate.
    (
      "tcp://a:1,\n  https://b.example/ tcp://c:65535",
      [.tcp(host: "a", port: 1), .http("https://b.example/"), .tcp(host: "c", port: 65535)]
    ),
    ("  ", []),
  ])
  func isRead(text: String, targets: [Awaited.Target]) throws {
    #expect(try Awaited(text).targets == targets)
    #expect(try Awaited(text).limit == .seconds(60))
  }

  @Test(
    arguments: [
      ("db:5432", nil), ("tcp://db", nil), ("tcp://:5432", nil), ("tcp://db:0", nil),
      ("tcp://db:65536", nil), ("tcp://db:5432/x", nil), ("http://", nil), ("ftp://a/", nil),
      ("https:///path", nil), ("tcp://:", nil), ("tcp:/", nil),
      ("tcp://db:1", "soon"), ("tcp://db:1", "0s"), ("tcp://db:1", ""),
    ] as [(String, String?)])
  func isRefused(text: String, limit: String?) {
    let fault = #expect(throws: Fault.self) { try Awaited(text, limit: limit) }
    #expect(fault?.exit == .configuration)
  }

  @Test func everyMistakeIsToldAtOnceAndNoSecretWithIt() throws {
    let fault = try #require(
      throws: Fault.self,
      performing: { try Awaited("one two ftp://me:hidden@host/", limit: "three") })
    for word in ["`one`", "`two`", "`three`", "ftp://host/"] { #expect(fault.cause.contains(word)) }
    #expect(!fault.cause.contains("hidden"))
  }

  @Test func beginsWhenAllHaveAnsweredAndGivesUpAtTheLimit() throws {
    let awaited = try Awaited("tcp://a:1 tcp://b:2", limit: "10s")
    let (a, b) = (awaited.targets[0], awaited.targets[1])
    #expect(awaited.next(answered: [], waited: .zero) == .ask([a, b]))
    #expect(awaited.next(answered: [a], waited: .milliseconds(9_999)) == .ask([b]))
    // An answer in the last moment counts.
    #expect(awaited.next(answered: [a, b], waited: .seconds(11)) == .begin)
    guard
      case .giveUp(let fault) = awaited.next(
        answered: [a], waited: .seconds(10), troubles: [b: "Connection refused"])
    else {
      Issue.record("it goes on after its limit")
      return
    }
    #expect(fault.exit == .unavailable)
    #expect(fault.cause.contains("tcp://b:2 (Connection refused)"))
    #expect(!fault.cause.contains("tcp://a:1"))
  }

  @Test func nothingToWaitForBeginsAtOnce() throws {
    #expect(try Awaited("").next(answered: [], waited: .zero) == .begin)
  }
}

import Domain
import Testing

@testable import Service

/// Who is logged in at the service, as the process beside it reads it.
@Suite struct SharedSessionsTests {
  static let noon = Instant(rfc3339: "2026-11-20T12:00:00Z")!
  private let users: WebUsers

  init() throws {
    let hash = PasswordHashTests.vectors[0].0
    users = try WebUsers("kim:\(hash)\nlee:\(hash):view\n", file: "users")
  }

  @Test func oneLoginForBoth() throws {
    var shared = SharedSessions()
    let (kim, lee) = (Sessions.secret(), Sessions.secret())
    shared.begin(kim, try #require(users["kim"]), now: Self.noon)
    shared.begin(lee, try #require(users["lee"]), now: Self.noon)
    let read = SharedSessions(shared.text)
    #expect(read == shared)
    #expect(!shared.text.contains(kim))
    let session = try #require(read.session(kim, now: Self.noon))
    #expect(session.user == "kim" && session.mayAct)
    #expect(read.session(lee, now: Self.noon)?.mayAct == false)
    // The form is the service's own.
    let sessions = Sessions()
    let token = sessions.begin(try #require(users["kim"]), uptime: .zero)
    #expect(sessions.session(token, uptime: .zero)?.form == Sessions.form(of: token))
    #expect(session.form == Sessions.form(of: kim) && session.form != Sessions.form(of: lee))
    #expect(!session.form.contains(kim) && session.form.count == 64)

    #expect(read.session(kim, now: Self.noon + .hours(12) - .milliseconds(1)) != nil)
    #expect(read.session(kim, now: Self.noon + .hours(12)) == nil)
    shared.end(kim)
    #expect(shared.session(kim, now: Self.noon) == nil)
    #expect(shared.session(lee, now: Self.noon) != nil)
  }

  @Test func onlySoMany() throws {
    var shared = SharedSessions()
    let tokens = (0...Sessions.maximumSessions).map { _ in Sessions.secret() }
    for (place, token) in tokens.enumerated() {
      shared.begin(
        token, try #require(users["kim"]), now: Self.noon + .seconds(Int64(place)))
    }
    #expect(shared.entries.count == Sessions.maximumSessions)
    #expect(shared.session(tokens[0], now: Self.noon) == nil)
    #expect(shared.session(tokens[1], now: Self.noon) != nil)
    // Those that are over make room.
    shared.begin(tokens[0], try #require(users["kim"]), now: Self.noon + .days(2))
    #expect(shared.entries.count == 1)
  }

  /// What is not ours lets nobody in.
  @Test(arguments: [
    "", "{}", "[1]", "[{\"hash\":\"x\"}]",
    "[{\"hash\":1,\"user\":\"kim\",\"act\":true,\"ends\":\"x\"}]",
  ])
  func whatIsNotOurs(_ text: String) { #expect(SharedSessions(text).entries.isEmpty) }
}

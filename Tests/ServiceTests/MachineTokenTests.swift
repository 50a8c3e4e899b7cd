import Disk
import Domain
import Net
import Testing

@testable import Service

/// Tokens of machines, in their file and at the door.
@Suite struct MachineTokenTests {
  @Test func addedShownAndTakenBack() throws {
    var tokens = MachineTokens()
    let reader = try tokens.add("grafana", .read).reveal { $0 }
    let actor = try tokens.add("deploy", .act).reveal { $0 }
    #expect(reader != actor && reader.hasPrefix("carillon_") && reader.utf8.count == 9 + 64)
    #expect(!tokens.text.contains(reader) && !tokens.text.contains(String(reader.dropFirst(9))))
    let again = try MachineTokens(tokens.text, file: "tokens")
    #expect(again.tokens == tokens.tokens)
    #expect(again.token(shown: reader)?.name == "grafana")
    #expect(again.token(shown: actor)?.scope == .act)
    for wrong in ["", "carillon_", reader + "0", String(reader.dropLast()), "grafana"] {
      #expect(again.token(shown: wrong) == nil)
    }
    #expect(throws: Fault.self) { _ = try tokens.add("grafana", .act) }
    #expect(throws: Fault.self) { _ = try tokens.add("a b", .act) }
    #expect(tokens.revoke("grafana") && !tokens.revoke("grafana"))
    #expect(tokens.token(shown: reader) == nil)
  }

  @Test(arguments: [
    "bot", "bot:read", "bot:all:" + String(repeating: "0", count: 64), "bot:read:abc",
    "b t:read:" + String(repeating: "0", count: 64),
    "bot:read:" + String(repeating: "G", count: 64),
    "a:read:\(String(repeating: "0", count: 64))\na:act:\(String(repeating: "1", count: 64))",
  ])
  func whatIsNone(_ text: String) {
    #expect(throws: Fault.self) { try MachineTokens(text, file: "tokens") }
  }

  @Test func atTheDoor() async throws {
    let folder = try ServiceFolder()
    let path = folder.path + "/tokens"
    var tokens = MachineTokens()
    let reader = try tokens.add("grafana", .read).reveal { $0 }
    let actor = try tokens.add("deploy", .act).reveal { $0 }
    try NewFile.write(tokens.text, to: path)
    let text = tokens.text
    try await WebServerTests.serving(access: .nobody, tokens: TokenFile(path: path)) {
      (site: WebServerTests.Site) async throws in
      func ask(
        _ path: String, _ token: String?, method: String = "GET", _ body: String = ""
      ) async throws -> HTTPResponse {
        var request = HTTPRequest(
          "http://127.0.0.1:\(site.server.port)\(path)", method: method, body: Array(body.utf8))
        if let token { request.headers = [HTTPField("Authorization", "Bearer \(token)")] }
        return try await site.transport.send(request)
      }
      for (token, status) in [(nil, 403), ("carillon_no", 401), (reader, 200), (actor, 200)]
        as [(String?, Int)]
      {
        #expect(try await ask("/api/v1/status", token).status == status)
        #expect(try await ask("/jobs", token).status == status)
      }
      let halt = "reason=for%20the%20test"
      for (token, status) in [(nil, 401), ("carillon_no", 401), (reader, 403), (actor, 200)]
        as [(String?, Int)]
      {
        let answer = try await ask("/api/v1/act/halt", token, method: "POST", halt)
        #expect(answer.status == status, "\(String(decoding: answer.body, as: UTF8.self))")
      }
      #expect(try await ask("/api/v1/act/halt", actor, method: "POST", "reason=").status == 409)
      #expect(try await ask("/api/v1/act/halt", actor, method: "POST", "%zz").status == 400)
      #expect(try await ask("/api/v1/act/dance", actor, method: "POST", halt).status == 404)
      #expect(try await ask("/api/v1/status", actor).status == 200)
      let audit = try await ask("/audit", reader)
      #expect(
        String(decoding: audit.body, as: UTF8.self).contains("(token deploy from 127.0.0.1)"))
      // A token is no session: it sends no form of the pages.
      #expect(try await ask("/act/halt", actor, method: "POST", halt).status != 200)
      // What is taken out of the file is none from then on.
      try NewFile.write(
        text.split(separator: "\n").filter { !$0.hasPrefix("deploy") }
          .joined(separator: "\n"), to: path)
      #expect(try await ask("/api/v1/status", actor).status == 401)
      #expect(try await ask("/api/v1/status", reader).status == 200)
    }
    withExtendedLifetime(folder) {}
  }
}

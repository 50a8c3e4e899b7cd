import Domain
import Net
import Testing

@testable import Service

/// What requests for machines may say, and what is answered where they say something else.
@Suite struct OpenAPITests {
  /// A route, a query, and what is wrong with it; nil: nothing.
  static let queries: [(path: String, query: [String: String], mistake: String?)] = [
    ("/api/v1/runs", [:], nil), ("/api/v1/runs", ["limit": "1"], nil),
    ("/api/v1/runs", ["limit": "500", "failed": "false", "job": "no such job"], nil),
    ("/api/v1/runs", ["limit": "0"], "`limit` must be how many, 1 to 500"),
    ("/api/v1/runs", ["limit": "501"], "`limit`"), ("/api/v1/runs", ["limit": ""], "`limit`"),
    ("/api/v1/runs", ["limit": "1.0"], "`limit`"), ("/api/v1/runs", ["limit": " 1"], "`limit`"),
    ("/api/v1/runs", ["limit": "99999999999999999999"], "`limit`"),
    ("/api/v1/runs", ["failed": "yes"], "`failed`"), ("/api/v1/runs", ["other": "x"], nil),
    ("/api/v1/alerts", ["ended": "0"], nil), ("/api/v1/alerts", ["ended": "-1"], "`ended`"),
    ("/api/v1/performance", ["range": "90d"], nil),
    ("/api/v1/performance", ["range": "2d"], "`range`"),
    ("/api/v1/why/:subject", ["at": "2026-11-20T14:01:00Z"], nil),
    ("/api/v1/why/:subject", ["at": "yesterday"], "`at`"), ("/api/v1/status", ["limit": "x"], nil),
  ]

  @Test(arguments: queries)
  func aQuery(_ path: String, _ values: [String: String], _ mistake: String?) throws {
    var query = PageQuery()
    query.values = values
    let found = try #require(OpenAPI.route(path)).mistake(query)
    #expect((found == nil) == (mistake == nil))
    if let mistake { #expect(found?.hasPrefix(mistake) == true, "\(found ?? "")") }
  }

  /// RFC 9110, 15.5.6: what is allowed is told beside 405.
  @Test func whatIsAskedOtherwise() async throws {
    try await WebServerTests.serving { (site: WebServerTests.Site) async throws in
      #expect(try await site.get("/api/v1/runs?limit=x").status == 400)
      #expect(try await site.get("/api/v1/runs?limit=1").status == 200)
      for (method, path, allowed) in [
        ("POST", "/api/v1/status", "GET, HEAD"), ("DELETE", "/api/v1/runs/1", "GET, HEAD"),
        ("PATCH", "/api/v1/openapi.json", "GET, HEAD"), ("GET", "/api/v1/act/halt", "POST"),
        ("PUT", "/api/v1/act/halt", "POST"),
      ] {
        let answer = try await site.transport.send(
          HTTPRequest("http://127.0.0.1:\(site.server.port)\(path)", method: method))
        #expect(answer.status == 405, "\(method) \(path)")
        #expect(answer.header("allow") == allowed)
        #expect(try JSONValue.parse(answer.body)["schema"]?.string == "carillon.error/1")
      }
    }
  }
}

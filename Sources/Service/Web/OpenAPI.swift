import Domain

/// The description of `/api/v1` in the words of OpenAPI 3.1, made from one table so that a route
/// without a description is seen.
enum OpenAPI {
  /// What a value of a request may be.
  enum Kind: Hashable, Sendable {
    /// Any text; what there is not is answered with 404.
    case text
    /// A whole number within bounds.
    case number(ClosedRange<Int64>)
    /// `true` or `false`.
    case truth
    /// One of some words.
    case word([String])
    /// A time like 2026-11-20T14:01:00Z.
    case time

    /// Whether a text is one.
    func takes(_ text: String) -> Bool {
      switch self {
      case .text: true
      case .number(let range): Int64(text).map(range.contains) ?? false
      case .truth: text == "true" || text == "false"
      case .word(let words): words.contains(text)
      case .time: Instant(rfc3339: text) != nil
      }
    }

    /// As a schema.
    fileprivate var schema: JSONValue {
      func of(_ type: String, _ more: [JSONValue.Member] = []) -> JSONValue {
        .object([.init("type", .string(type))] + more)
      }
      return switch self {
      case .text: of("string")
      case .number(let range):
        of(
          "integer",
          [
            .init("minimum", .number(range.lowerBound)),
            .init("maximum", .number(range.upperBound)),
          ])
      case .truth: of("boolean")
      case .word(let words): of("string", [.init("enum", .array(words.map { .string($0) }))])
      case .time: of("string", [.init("format", .string("date-time"))])
      }
    }
  }

  /// What is told of a route.
  struct Route: Sendable {
    var path: String
    /// The `schema` of its answer.
    var answer: String
    var summary: String
    var parameters: [(name: String, place: String, words: String, kind: Kind)] = []

    /// What of a request does not fit; nil where all does.
    func mistake(_ query: PageQuery) -> String? {
      for parameter in parameters where parameter.place == "query" {
        guard let value = query.values[parameter.name] else { continue }
        guard parameter.kind.takes(value) else {
          return "`\(parameter.name)` must be \(parameter.words)"
        }
      }
      return nil
    }
  }

  static let routes = [
    Route(
      path: "/api/v1/status", answer: "carillon.status/1",
      summary: "Who runs, what it is worth, how each job stands."),
    Route(
      path: "/api/v1/health/status", answer: "carillon.health-status/1",
      summary: "How all stands in a word, and what is not well."),
    Route(
      path: "/api/v1/health/safety", answer: "carillon.safety/1",
      summary: "What keeps money safe: halts, limits that tripped, orders in doubt."),
    Route(
      path: "/api/v1/health", answer: "carillon.health/1",
      summary: "Whether work is being done, check by check."),
    Route(
      path: "/api/v1/runs", answer: "carillon.job.history/1",
      summary: "What became of slots, newest first.",
      parameters: [
        ("job", "query", "a job: only its slots", .text),
        ("limit", "query", "how many, 1 to 500", .number(1...500)),
        ("failed", "query", "true (only those that failed or timed out) or false", .truth),
      ]),
    Route(
      path: "/api/v1/runs/{subject}", answer: "carillon.job.show/1",
      summary: "One run with its attempts and neighbours.",
      parameters: [("subject", "path", "the number of the run", .number(0...Int64.max))]),
    Route(
      path: "/api/v1/schedule", answer: "carillon.schedule.next/1",
      summary: "The next slots of all jobs.",
      parameters: [("n", "query", "how many, 1 to 500", .number(1...500))]),
    Route(
      path: "/api/v1/portfolio", answer: "carillon.portfolio/1",
      summary: "What each account holds."),
    Route(
      path: "/api/v1/performance", answer: "carillon.portfolio.history/1",
      summary: "What an account was worth over time.",
      parameters: [
        ("account", "query", "an account; the first unless named", .text),
        (
          "range", "query", "1d, 7d, 30d, 90d, 1y or all", .word(PageRange.allCases.map(\.rawValue))
        ),
      ]),
    Route(
      path: "/api/v1/risk", answer: "carillon.risk/1",
      summary: "Each limit of risk and how much of it is used."),
    Route(
      path: "/api/v1/alerts", answer: "carillon.alerts/1",
      summary: "What people are told of: what is open, and what was.",
      parameters: [
        ("ended", "query", "how many of those that are over, 0 to 500", .number(0...500))
      ]),
    Route(
      path: "/api/v1/why/{subject}", answer: "carillon.why.trade/1|carillon.why/1",
      summary: "Why a slot, an instrument or an order went so.",
      parameters: [
        ("subject", "path", "JOB@SLOT, a symbol or an order", .text),
        ("account", "query", "for a symbol: an account", .text),
        ("at", "query", "for a symbol: a time, by which the decision was", .time),
      ]),
  ]

  /// The description of a path, as the router writes it; nil where there is none.
  static func route(_ path: String) -> Route? {
    let told = path.replacing(":subject", with: "{subject}")
    return routes.first { $0.path == told }
  }

  /// The document.
  static let text: String = {
    var paths = routes.map { route in
      JSONValue.Member(route.path, .object([.init("get", operation(route))]))
    }
    paths.append(.init("/api/v1/act/{verb}", .object([.init("post", action)])))
    return JSONValue.object([
      .init("openapi", .string("3.1.0")),
      .init(
        "info",
        .object([
          .init("title", .string("Carillon")), .init("version", .string("1")),
          .init(
            "description",
            .string(
              "Amounts are decimal texts, times RFC 3339 in UTC. New fields may appear. Where pages ask for a "
                + "login, machines show a token (carillon web token add NAME)."
            )),
        ])), .init("paths", .object(paths)),
      .init(
        "components",
        .object([
          .init(
            "securitySchemes",
            .object([
              .init(
                "token",
                .object([.init("type", .string("http")), .init("scheme", .string("bearer"))]))
            ]))
        ])),
    ]).text(indented: true) + "\n"
  }()

  /// What a token that may act does, as the forms of the pages do.
  private static var action: JSONValue {
    let verbs = JSONValue.array(DashboardActions.verbs.map { .string($0) })
    let text = JSONValue.object([.init("type", .string("string"))])
    let fields = ["subject", "reason", "span", "account"].map { JSONValue.Member($0, text) }
    let form = JSONValue.object([
      .init("type", .string("object")), .init("properties", .object(fields)),
    ])
    return .object([
      .init(
        "summary", .string("Does what the pages' forms do; the token must be one that may act.")),
      .init("security", .array([.object([.init("token", .array([]))])])),
      .init(
        "parameters",
        .array([
          .object([
            .init("name", .string("verb")), .init("in", .string("path")),
            .init("required", .bool(true)), .init("description", .string("what to do")),
            .init("schema", .object([.init("type", .string("string")), .init("enum", verbs)])),
          ])
        ])),
      .init(
        "requestBody",
        .object([
          .init("required", .bool(true)),
          .init(
            "content",
            .object([
              .init("application/x-www-form-urlencoded", .object([.init("schema", form)]))
            ])),
        ])),
      .init(
        "responses",
        .object([
          .init("200", answer("it is so now, or was already", "carillon.action/1")),
          .init("400", answer("the body is no form", "carillon.error/1")),
          .init("401", answer("no token was shown, or none that there is", "carillon.error/1")),
          .init("403", answer("the token may read only", "carillon.error/1")),
          .init(
            "404",
            answer("there is no such thing to do, or nothing to do it to", "carillon.error/1")),
          .init("409", answer("it is refused, and why", "carillon.action/1")),
          .init("413", .object([.init("description", .string("the body is too long"))])),
          .init("503", answer("the database cannot be read just now")),
        ])),
    ])
  }

  /// An answer whose `schema` is this one; nil: any object.
  private static func answer(_ words: String, _ name: String? = nil) -> JSONValue {
    var members = [JSONValue.Member("type", .string("object"))]
    if let name {
      let names = name.split(separator: "|").map { JSONValue.string(String($0)) }
      members += [
        .init("required", .array([.string("schema")])),
        .init(
          "properties",
          .object([
            .init(
              "schema",
              .object([
                .init("type", .string("string")), .init("enum", .array(names)),
              ]))
          ])),
      ]
    }
    let schema = JSONValue.object(members)
    return .object([
      .init("description", .string(words)),
      .init(
        "content",
        .object([.init("application/json", .object([.init("schema", schema)]))])),
    ])
  }

  private static func operation(_ route: Route) -> JSONValue {
    let parameters = route.parameters.map { parameter in
      JSONValue.object([
        .init("name", .string(parameter.name)), .init("in", .string(parameter.place)),
        .init("required", .bool(parameter.place == "path")),
        .init("description", .string(parameter.words)),
        .init("schema", parameter.kind.schema),
      ])
    }
    return .object([
      .init("summary", .string(route.summary)), .init("parameters", .array(parameters)),
      .init(
        "responses",
        .object([
          .init("200", answer("the answer", route.answer)),
          .init("400", answer("the query does not fit", "carillon.error/1")),
          .init("401", answer("log in, or show a token", "carillon.error/1")),
          .init("403", answer("not on loopback", "carillon.error/1")),
          .init("404", answer("there is no such thing", "carillon.error/1")),
          .init("503", answer("the database cannot be read just now", nil)),
        ])),
    ])
  }
}

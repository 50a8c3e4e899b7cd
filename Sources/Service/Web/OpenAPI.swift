import Domain

/// The description of `/api/v1` in the words of OpenAPI 3.1, made from one table so that a route
/// without a description is seen.
enum OpenAPI {
  /// What is told of a route.
  struct Route: Sendable {
    var path: String
    var summary: String
    var parameters: [(name: String, place: String, words: String, type: String)] = []
  }

  static let routes = [
    Route(path: "/api/v1/status", summary: "Who runs, what it is worth, how each job stands."),
    Route(
      path: "/api/v1/health/status", summary: "How all stands in a word, and what is not well."),
    Route(
      path: "/api/v1/health/safety",
      summary: "What keeps money safe: halts, limits that tripped, orders in doubt."),
    Route(path: "/api/v1/health", summary: "Whether work is being done, check by check."),
    Route(
      path: "/api/v1/runs", summary: "What became of slots, newest first.",
      parameters: [
        ("job", "query", "only this job's", "string"),
        ("limit", "query", "how many, to 500", "integer"),
        ("failed", "query", "true: only those that failed or timed out", "boolean"),
      ]),
    Route(
      path: "/api/v1/runs/{subject}", summary: "One run with its attempts and neighbours.",
      parameters: [("subject", "path", "the number of the run", "integer")]),
    Route(
      path: "/api/v1/schedule", summary: "The next slots of all jobs.",
      parameters: [("n", "query", "how many, to 500", "integer")]),
    Route(path: "/api/v1/portfolio", summary: "What each account holds."),
    Route(
      path: "/api/v1/performance", summary: "What an account was worth over time.",
      parameters: [
        ("account", "query", "the account; the first unless named", "string"),
        ("range", "query", "1d, 7d, 30d, 90d or 1y", "string"),
      ]),
    Route(path: "/api/v1/risk", summary: "Each limit of risk and how much of it is used."),
    Route(
      path: "/api/v1/alerts", summary: "What people are told of: what is open, and what was.",
      parameters: [("ended", "query", "how many of those that are over, to 500", "integer")]),
    Route(
      path: "/api/v1/why/{subject}", summary: "Why a slot, an instrument or an order went so.",
      parameters: [
        ("subject", "path", "JOB@SLOT, a symbol or an order", "string"),
        ("account", "query", "for a symbol: the account", "string"),
      ]),
  ]

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
          .init("200", answer("it is so now, or was already")),
          .init("400", answer("the body is no form")),
          .init("401", answer("no token was shown, or none that there is")),
          .init("403", answer("the token may read only")),
          .init("404", answer("there is no such thing to do, or nothing to do it to")),
          .init("409", answer("it is refused, and why")),
          .init("413", .object([.init("description", .string("the body is too long"))])),
          .init("503", answer("the database cannot be read just now")),
        ])),
    ])
  }

  private static func answer(_ words: String) -> JSONValue {
    let schema = JSONValue.object([.init("type", .string("object"))])
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
        .init("schema", .object([.init("type", .string(parameter.type))])),
      ])
    }
    return .object([
      .init("summary", .string(route.summary)), .init("parameters", .array(parameters)),
      .init(
        "responses",
        .object([
          .init("200", answer("the answer")), .init("401", answer("log in, or show a token")),
          .init("403", answer("not on loopback")),
          .init("404", answer("there is no such thing")),
          .init("503", answer("the database cannot be read just now")),
        ])),
    ])
  }
}

public import Domain
public import Store

extension VenueStatement {
  /// The statement that is on record.
  ///
  /// - Throws: exit 65 when its text is none.
  public init(_ record: StatementRecord) throws {
    do {
      try self.init(
        record.account, record.time, try JSONValue.parse(Array(record.detail.utf8)))
    } catch {
      throw Fault(
        "read the statement", "of \(record.account) of \(record.time)", cause: "\(error)",
        remedy: "the file was changed by hand or is damaged: carillon snapshot restore",
        exit: .data)
    }
  }

  private init(_ account: String, _ time: Instant, _ detail: JSONValue) throws {
    func fault(_ what: String) -> Fault {
      Fault("read", what, cause: "it is not there, or of another kind", exit: .data)
    }
    func text(_ value: JSONValue, _ key: String) throws -> String {
      guard let text = value[key]?.string else { throw fault(key) }
      return text
    }
    func parsed<T>(_ value: JSONValue, _ key: String, _ parse: (String) -> T?) throws -> T {
      guard let parsed = parse(try text(value, key)) else { throw fault(key) }
      return parsed
    }
    (self.account, self.time) = (account, time)
    place = try text(detail, "place")
    since = detail["since"]?.string.flatMap { Instant(rfc3339: $0) }
    accepted = detail["accepted"]?.string
    lines = try (detail["assets"]?.array ?? []).map { row in
      try Line(
        try text(row, "asset"), ledger: try parsed(row, "ledger") { Amount($0) },
        venue: try parsed(row, "venue") { Amount($0) },
        beside: try parsed(row, "beside") { Amount($0) })
    }
    trades = try (detail["trades"]?.array ?? []).map { row in
      Trade(
        kind: try parsed(row, "kind") { Trade.Kind(rawValue: $0) }, id: try text(row, "trade"),
        symbol: try parsed(row, "symbol") { Symbol($0) },
        side: try parsed(row, "side") { Side(rawValue: $0) },
        quantity: try parsed(row, "quantity") { Amount($0) },
        price: try parsed(row, "price") { Amount($0) },
        time: try parsed(row, "time") { Instant(rfc3339: $0) })
    }
    compared = detail["compared"]?.int ?? 0
    strangers = detail["strangers"]?.int ?? 0
    guard let read = detail["read"] else { throw fault("read") }
    reading = TradeReading(through: try parsed(read, "through") { Instant(rfc3339: $0) })
    for member in read["cursors"]?.object ?? [] {
      reading.cursors[member.key] = member.value.string
    }
    for row in read["recent"]?.array ?? [] {
      reading.recent.insert(
        TradeReading.Key(
          symbol: try parsed(row, "symbol") { Symbol($0) }, id: try text(row, "trade")))
    }
  }

  /// Puts the statement on record.
  public func record(_ transaction: WriteTransaction) throws {
    try transaction.statements.insert(account, differences: differences, detail: detail)
  }

  /// The statement for the record.
  var detail: String {
    let read = JSONValue.object([
      .init("through", .string("\(reading.through)")),
      .init(
        "cursors",
        .object(
          reading.cursors.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })),
      .init(
        "recent",
        .array(
          reading.recent.sorted().map {
            .object([.init("symbol", .string("\($0.symbol)")), .init("trade", .string($0.id))])
          })),
    ])
    return JSONValue.object(members + [.init("read", read)]).text()
  }

  /// The statement for machines: amounts are text.
  public var json: JSONValue {
    .object(
      [
        .init("schema", .string("carillon.statement/1")), .init("account", .string(account)),
        .init("time", .string("\(time)")), .init("agrees", .bool(differences == 0)),
      ] + members)
  }

  private var members: [JSONValue.Member] {
    let assets = lines.map { line in
      JSONValue.object([
        .init("asset", .string(line.asset)), .init("ledger", .string("\(line.ledger)")),
        .init("venue", .string("\(line.venue)")), .init("beside", .string("\(line.beside)")),
        .init("difference", .string("\(line.difference)")),
      ])
    }
    let differing = trades.map { trade in
      JSONValue.object([
        .init("kind", .string(trade.kind.rawValue)), .init("trade", .string(trade.id)),
        .init("symbol", .string("\(trade.symbol)")), .init("side", .string(trade.side.rawValue)),
        .init("quantity", .string("\(trade.quantity)")), .init("price", .string("\(trade.price)")),
        .init("time", .string("\(trade.time)")),
      ])
    }
    return [
      .init("place", .string(place)), .init("since", since.map { .string("\($0)") } ?? .null),
      .init("assets", .array(assets)), .init("trades", .array(differing)),
      .init("compared", .number(compared)), .init("strangers", .number(strangers)),
      .init("accepted", accepted.map { .string($0) } ?? .null),
    ]
  }
}

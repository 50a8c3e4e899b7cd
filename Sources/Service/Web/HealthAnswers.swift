import Domain
import Settings
import Store

/// Two short answers about health, for who asks often and reads little.
enum HealthAnswers {
  /// How all stands in a word, and what is not well.
  static func status(_ source: PageSource, _ query: PageQuery) throws -> JSONValue? {
    let checks = source.health.checks.filter { $0.status != .pass }.map { check in
      JSONValue.object([
        .init("check", .string(check.name)), .init("status", .string(check.status.rawValue)),
        .init("output", .string(check.text)), .init("since", .time(check.since)),
        .init("next", .text(check.next)),
      ])
    }
    return .object([
      .init("schema", .string("carillon.health-status/1")),
      .init("status", .string(source.health.status.rawValue)),
      .init("running", .bool(source.facts.scheduler.isHeld)),
      .init("since", .time(source.facts.scheduler.heldSince)),
      .init("last_turn", .time(source.facts.scheduler.lastTurn)),
      .init("mode", .string(source.mode)), .init("version", .string(source.version)),
      .init("time", .time(source.now)), .init("not_well", .array(checks)),
    ])
  }

  /// What keeps money safe: whether orders are sent, and what of those sent is not known.
  static func safety(_ source: PageSource, _ query: PageQuery) throws -> JSONValue? {
    let facts = source.facts
    let storage = facts.storage.flatMap { $0.trouble.haltsTrading ? $0.words : nil }
    let isSafe = facts.halt == nil && storage == nil && facts.clockSuspicion == nil
    return try source.store.read { transaction -> JSONValue in
      let halt = try transaction.halts.current()
      let accounts = try transaction.accounts.all().map { account -> JSONValue in
        let working = try transaction.orders.working(account.name)
        return .object([
          .init("account", .string(account.name)), .init("mode", .string(account.mode.rawValue)),
          .init("working_orders", .number(working.count)),
          .init("orders_in_doubt", .number(working.count { $0.doubted != nil })),
        ])
      }
      return .object([
        .init("schema", .string("carillon.safety/1")),
        .init("sends_orders", .bool(isSafe && facts.scheduler.isHeld)),
        .init(
          "halt",
          halt.map {
            .object([
              .init("level", .string($0.level.rawValue)), .init("reason", .string($0.reason)),
              .init("source", .string($0.source)), .init("since", .time($0.since)),
            ])
          } ?? .null),
        .init("storage", .text(storage)), .init("clock", .text(facts.clockSuspicion?.text)),
        .init("accounts", .array(accounts)), .init("time", .time(source.now)),
      ])
    }
  }
}

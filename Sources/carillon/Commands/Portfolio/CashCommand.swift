public import ArgumentParser
import Domain
import Service
import Store

/// `carillon cash ...`
struct CashCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cash", abstract: "Book what changes an account without a trade, and show it.",
    subcommands: [CashAddCommand.self, CashListCommand.self],
    defaultSubcommand: CashListCommand.self)
}

/// `carillon cash add ...`
struct CashAddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Book a deposit, a dividend, a split, and the like.",
    discussion: """
      carillon cash add deposit 500 USDT --reason 'monthly saving'
      carillon cash add withdrawal 200 USDT --reason rent
      carillon cash add transfer 100 USDT --to side --reason 'more for the second account'
      carillon cash add dividend 12.50 ACME-USD --reason 'third quarter'
      carillon cash add fee 9.95 USD --reason 'custody'
      carillon cash add split ACME-USD 4:1 --reason '4 for 1'
      carillon cash add settlement 0.93 XYZ-USD --reason 'bought out'

      Deposits, withdrawals and transfers are no part of performance. A split leaves the cost, divides \
      the candles before it, and waits until no order of the symbol works. An asset other than the \
      account's needs a rate: the newest close of ASSET-QUOTE unless --rate tells it.
      """)

  @Argument(
    help: "deposit, withdrawal, transfer, dividend, fee, split or settlement.")
  var kind: Entry.Kind

  @Argument(help: "An amount, or the symbol of a split.")
  var first: String

  @Argument(help: "An asset, a symbol, or the ratio of a split like 4:1.")
  var second: String

  @Option(help: "Why: it is kept with the entry.")
  var reason: String

  @Option(help: "The account; needed where there are several.")
  var account: String?

  @Option(name: .customLong("to"), help: "The account that a transfer goes to.")
  var target: String?

  @Option(help: "What one unit is worth in the account's quote asset.")
  var rate: String?

  @Option(help: "When it happened, like 2026-03-08T07:00:00Z; now unless given.")
  var at: String?

  @OptionGroup var global: GlobalOptions
  @Flag(help: "Print one JSON object; times in UTC, money as text.")
  var json = false

  func validate() throws {
    try SpokenReason.check(reason)
    if let at, Instant(rfc3339: at) == nil {
      throw ValidationError("--at \(at) is no time; write it like 2026-03-08T07:00:00Z")
    }
    if let rate { _ = try Self.amount(rate, of: "--rate") }
    guard (kind == .transfer) == (target != nil) else {
      throw ValidationError(
        kind == .transfer ? "a transfer needs --to ACCOUNT" : "--to is for a transfer only")
    }
    _ = try event { _ in .one }
  }

  func run() throws {
    let now = SystemTime().now
    let time = at.flatMap { Instant(rfc3339: $0) } ?? now
    let (name, record) = try Workspace(global).writing("carillon cash") { store, _ in
      try store.write(at: now) { transaction in
        let account = try self.account(transaction)
        let event = try event { try rate(of: $0, in: account, by: time, transaction) }
        let record = try transaction.accounts.book(
          event, account: account.name, at: time, reason: reason)
        try transaction.audit.append(
          "cash", "\(account.name): \(kind) \(first) \(second): \(reason)")
        return (account.name, record)
      }
    }
    let held = record.held.sorted { $0.key < $1.key }
    if json {
      return Console.out(
        .object([
          .init("schema", .string("carillon.cash/1")), .init("account", .string(name)),
          .init("entry", .number(record.entry)), .init("kind", .string(kind.rawValue)),
          .init("held", .object(held.map { .init($0.key, .string("\($0.value)")) })),
          .init("adjusted_candles", .number(record.adjustedCandles)),
        ]))
    }
    let holdings = held.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    let candles = record.adjustedCandles > 0 ? "; \(record.adjustedCandles) candles adjusted" : ""
    Console.out("booked as entry \(record.entry): account \(name) now holds \(holdings)\(candles)")
  }

  /// What the arguments say.
  private func event(rate: (String) throws -> Amount) throws -> CashEvent {
    switch kind {
    case .deposit: .deposit(asset: try asset, amount: try amount, rate: try rate(try asset))
    case .withdrawal: .withdrawal(asset: try asset, amount: try amount, rate: try rate(try asset))
    case .transfer:
      .transfer(
        asset: try asset, amount: try amount, rate: try rate(try asset), to: target ?? "")
    case .dividend: .dividend(try symbol(second), amount: try amount)
    case .fee: .fee(asset: try asset, amount: try amount)
    case .settlement: .settlement(try symbol(second), price: try amount)
    case .split: try split
    case .opening, .fill, .adjustment:
      throw ValidationError("a \(kind) is booked by Carillon alone")
    }
  }

  private var amount: Amount { get throws { try Self.amount(first, of: "the amount") } }

  private var asset: String {
    get throws {
      guard Symbol(base: second, quote: "X") != nil else {
        throw ValidationError("\(second) is no asset; write it like USDT, after the amount")
      }
      return second
    }
  }

  private var split: CashEvent {
    get throws {
      let parts = second.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let new = Amount(String(parts[0])),
        let old = Amount(String(parts[1])), new > .zero,
        old > .zero
      else {
        throw ValidationError(
          "\(second) is no ratio; write 4:1 where one unit became four, 1:10 for a reverse split")
      }
      return .split(try symbol(first), new: new, old: old)
    }
  }

  private func symbol(_ text: String) throws -> Symbol {
    guard let symbol = Symbol(text) else {
      throw ValidationError("\(text) is no symbol; write it like ACME-USD")
    }
    return symbol
  }

  private static func amount(_ text: String, of what: String) throws -> Amount {
    guard let amount = Amount(text) else {
      throw ValidationError("\(what) `\(text)` is no decimal; write it like 500 or 12.50")
    }
    return amount
  }

  /// The account that was named, else the only one.
  private func account(_ transaction: ReadTransaction) throws -> Account {
    let all = try transaction.accounts.all()
    if let account {
      if let found = all.first(where: { $0.name == account }) { return found }
    } else if all.count == 1 {
      return all[0]
    }
    throw Fault(
      "book for account", account ?? "(none named)",
      cause: account == nil && !all.isEmpty
        ? "there are \(all.count) accounts" : "there is no such account",
      remedy: all.isEmpty
        ? "an account begins with its first rebalance: carillon job run rebalance"
        : "name one: --account " + all.map(\.name).joined(separator: " | "), exit: .usage)
  }

  /// What one unit of an asset is worth in the account's quote asset.
  private func rate(
    of asset: String, in account: Account, by time: Instant, _ transaction: ReadTransaction
  ) throws -> Amount {
    if let rate { return try Self.amount(rate, of: "--rate") }
    if asset == account.quote { return .one }
    let symbol = Symbol(base: asset, quote: account.quote)
    let closes = try transaction.series.all().filter { $0.series.symbol == symbol }.compactMap {
      series in
      try transaction.candles.last(series, closedBy: time).map {
        (time: $0.time + series.series.timeframe.span, close: $0.close)
      }
    }
    guard let newest = closes.max(by: { $0.time < $1.time }) else {
      throw Fault(
        "value", "\(asset) in \(account.quote)",
        cause: "there are no candles of \(asset)-\(account.quote) by \(time)",
        remedy: "say what one unit is worth: --rate 123.45", exit: .data)
    }
    return try Amount(observed: newest.close)
  }
}

/// `carillon cash list`
struct CashListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List what changed an account without a trade (the default).")

  @Option(help: "One account; all of them unless named.")
  var account: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let store = try Workspace(global).existingStore()
    let clock = try global.clock()
    let found = try store.read { transaction in
      let names = try account.map { [$0] } ?? transaction.accounts.all().map(\.name)
      return try names.flatMap {
        try transaction.entries.range($0, kinds: Set(Entry.Kind.allCases).subtracting([.fill]))
      }
    }
    try store.close()
    if output.json {
      return Console.out(
        .object([
          .init("schema", .string("carillon.cash.list/1")),
          .init("entries", .array(found.map(\.json))),
        ]))
    }
    if found.isEmpty {
      return Console.say("no entries: an account begins with its first rebalance")
    }
    var table = Table(">ENTRY", "TIME", "ACCOUNT", "KIND", "CHANGE", "REASON")
    for entry in found {
      let change = entry.postings.filter { $0.book == .held }
        .map { "\($0.amount > .zero ? "+" : "")\($0.amount) \($0.asset)" }.joined(separator: ", ")
      table.add(
        "\(entry.id)", clock.text(entry.time), entry.account, entry.kind.rawValue, change,
        entry.reason)
    }
    output.print(table)
  }
}

extension Entry.Kind: ExpressibleByArgument {}

extension Entry {
  /// The entry for machines: amounts are text.
  var json: JSONValue {
    .object([
      .init("entry", .number(id)), .init("time", .string("\(time)")),
      .init("account", .string(account)), .init("kind", .string(kind.rawValue)),
      .init("reason", .string(reason)),
      .init("symbol", symbol.map { .string("\($0)") } ?? .null),
      .init("flow", flow.map { .string("\($0)") } ?? .null),
      .init(
        "postings",
        .array(
          postings.map {
            .object([
              .init("book", .string($0.book.rawValue)), .init("asset", .string($0.asset)),
              .init("amount", .string("\($0.amount)")),
            ])
          })),
    ])
  }
}

import ArgumentParser
import Domain
import Store

/// `carillon portfolio`
struct PortfolioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "portfolio", abstract: "Show what each account holds, and what it wants to hold.",
    subcommands: [
      PortfolioShowCommand.self, PortfolioHistoryCommand.self, PortfolioDriftCommand.self,
    ],
    defaultSubcommand: PortfolioShowCommand.self)
}

/// `carillon portfolio show`
struct PortfolioShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what each account holds (the default).")

  @Option(help: "One account; all of them unless named.")
  var account: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let store = try Workspace(global).existingStore()
    let clock = try global.clock()
    let views = try store.read { transaction in
      let names = try account.map { [$0] } ?? transaction.accounts.all().map(\.name)
      return try names.compactMap { try PortfolioView(transaction, account: $0) }
    }
    if views.isEmpty, let account {
      throw Fault(
        "show", "account \(account)", cause: "it holds nothing: rebalance never ran for it",
        remedy: "carillon portfolio shows all accounts", exit: .usage)
    }
    if output.json {
      Console.out(
        .object([
          .init("schema", .string("carillon.portfolio/1")),
          .init("accounts", .array(views.map(\.json))),
        ]))
      return
    }
    if views.isEmpty { Console.say("no portfolio yet: rebalance has not run") }
    for view in views {
      if views.count > 1 { Console.out("── \(view.account.name) ──") }
      output.print(view.table)
      Console.out("\(view.summary) · fees \(view.feesText)")
      if let time = view.markedAt {
        Console.out("marked at the last closes by \(clock.text(time))")
      }
    }
  }
}

extension PortfolioView {
  /// The portfolio for machines: amounts are text.
  var json: JSONValue {
    func text(_ amount: Amount?) -> JSONValue { amount.map { .string("\($0)") } ?? .null }
    let holdings = rows.map { row in
      JSONValue.object([
        .init("asset", .string(row.asset)), .init("quantity", text(row.quantity)),
        .init("price", text(row.price)), .init("value", text(row.value)),
        .init("weight", text(row.weight)), .init("target", text(row.target)),
      ])
    }
    return .object([
      .init("account", .string(account.name)), .init("quote", .string(account.quote)),
      .init("mode", .string(account.mode.rawValue)), .init("equity", text(equity)),
      .init("cash", text(cash)), .init("initial", text(account.initial)),
      .init("fees", .object(fees.sorted { $0.key < $1.key }.map { .init($0.key, text($0.value)) })),
      .init("marked_at", markedAt.map { .string("\($0)") } ?? .null),
      .init("holdings", .array(holdings)),
    ])
  }
}

import ArgumentParser
import Domain
import Service
import Settings
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
    let workspace = try Workspace(global)
    let store = try workspace.existingStore()
    let clock = try global.clock()
    let answers = try store.read { transaction in
      let names = try account.map { [$0] } ?? transaction.accounts.all().map(\.name)
      return try names.compactMap { try PortfolioAnswer(transaction, account: $0) }
    }
    if answers.isEmpty, let account {
      let names = workspace.settings.accounts.keys.sorted()
      let isKnown = names.contains(account)
      throw Fault(
        "show", "account \(account)",
        cause: isKnown
          ? "it holds nothing: rebalance never ran for it" : "there is no such account",
        remedy: isKnown
          ? "carillon portfolio shows all accounts"
          : Spelling.nearest(account, among: names).map { "did you mean `\($0)`?" }
            ?? "known are: " + names.joined(separator: ", "), exit: .usage)
    }
    if output.json {
      Console.out(answers.json)
      return
    }
    if answers.isEmpty { Console.say("no portfolio yet: rebalance has not run") }
    if output.plain { return output.print(PortfolioView.plain(answers)) }
    for answer in answers {
      let view = PortfolioView(answer)
      if answers.count > 1 { Console.out("── \(answer.account.name) ──") }
      output.print(view.table)
      Console.out("\(view.summary) · fees \(view.feesText)")
      if let time = answer.markedAt {
        Console.out("marked at the last closes by \(clock.text(time))")
      }
    }
  }
}

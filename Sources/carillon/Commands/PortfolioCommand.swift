import ArgumentParser
import Domain
import Service
import Store

/// `carillon portfolio`
struct PortfolioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "portfolio", abstract: "Show what each account holds, and what it wants to hold.")

  @Option(help: "One account; all of them unless named.")
  var account: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let store = try Workspace(global).existingStore()
    let clock = try global.clock()
    let answers = try store.read { transaction in
      let names = try account.map { [$0] } ?? transaction.accounts.all().map(\.name)
      return try names.compactMap { try PortfolioAnswer(transaction, account: $0) }
    }
    if answers.isEmpty, let account {
      throw Fault(
        "show", "account \(account)", cause: "it holds nothing: rebalance never ran for it",
        remedy: "carillon portfolio shows all accounts", exit: .usage)
    }
    if output.json {
      Console.out(answers.json)
      return
    }
    if answers.isEmpty { Console.say("no portfolio yet: rebalance has not run") }
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

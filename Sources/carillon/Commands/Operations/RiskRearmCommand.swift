import ArgumentParser
import Domain
import Jobs
import Portfolio
import Settings
import Store

/// `carillon risk rearm`
struct RiskRearmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rearm",
    abstract: "Re-arm a limit of risk that is passed: its loss is counted from now.",
    discussion: """
      For max-daily-loss, max-drawdown and loss-streak. Limits of what is held re-arm by themselves as \
      soon as the holdings are within them. No restart re-arms a limit. A halt that a limit began \
      stays: carillon resume.
      """)

  @Argument(help: "The limit, as `carillon risk` names it, or `all`.")
  var limit: String

  @Option(help: "One account; all of them unless named.")
  var account: String?

  @Option(help: "Why it is safe to go on.")
  var reason: String

  @OptionGroup var global: GlobalOptions

  func validate() throws { try SpokenReason.check(reason) }

  func run() throws {
    let workspace = try Workspace(global)
    let accounts = try RiskCommand.accounts(account, workspace.settings, to: "re-arm")
    let limits = accounts.mapValues { RiskWatch("", $0).limits }
    let names = Set(limits.values.joined().map(\.name))
    let isAll = limit == "all"
    guard isAll || names.contains(limit) else {
      throw Fault(
        "re-arm", limit, cause: "no account has such a limit",
        remedy: names.isEmpty
          ? "carillon risk shows the limits"
          : "known are " + names.sorted().joined(separator: ", "),
        exit: .usage)
    }
    let (ends, halt) = try workspace.writing("carillon risk rearm") { store, _ in
      try store.write(at: SystemTime().now) { transaction in
        let ends = try limits.sorted { $0.key < $1.key }.map { name, known in
          (
            name,
            try RiskRearming(
              transaction, account: name, isAll ? nil : [limit], known: known, because: reason)
          )
        }
        return (ends, try transaction.halts.current())
      }
    }
    for (name, end) in ends {
      for limit in end.rearmed { Console.out("account \(name): \(limit) is re-armed") }
      for limit in end.left {
        Console.say(
          "account \(name): \(limit) stays: it re-arms at once, when the holdings are within it")
      }
    }
    if ends.allSatisfy({ $0.1.rearmed.isEmpty }) {
      Console.out("nothing to do: \(isAll ? "no limit" : limit) is passed that could be re-armed")
    } else if let halt {
      Console.say("trading is still halted (\(halt.reason)): carillon resume --reason TEXT")
    }
    if ends.contains(where: { !$0.1.left.isEmpty }) { throw leave(.no) }
  }
}

import ArgumentParser
import Domain
import Portfolio
import Service
import Settings
import Store

/// `carillon risk ...`
struct RiskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "risk",
    abstract: "Show each limit of risk, how much of it is used, and what it does; re-arm one.",
    subcommands: [RiskShowCommand.self, RiskRearmCommand.self],
    defaultSubcommand: RiskShowCommand.self)

  /// The accounts of the settings that are asked about.
  ///
  /// - Throws: exit 64 when the settings name no such account.
  static func accounts(
    _ account: String?, _ settings: Settings, to operation: String
  ) throws -> [String: AccountSettings] {
    let accounts = settings.accounts.filter { account == nil || $0.key == account }
    if accounts.isEmpty, let account {
      throw Fault(
        operation, "account \(account)", cause: "the settings name no such account",
        remedy: "known are " + settings.accounts.keys.sorted().joined(separator: ", "),
        exit: .usage)
    }
    return accounts
  }
}

/// `carillon risk`
struct RiskShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show each limit of risk, how much of it is used, and what it does (the default).",
    discussion: "Exits 1 while a limit is passed.")

  @Option(help: "One account; all of them unless named.")
  var account: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let workspace = try Workspace(global)
    let store = try workspace.existingStore()
    let now = SystemTime().now
    let accounts = try RiskCommand.accounts(account, workspace.settings, to: "show")
    let answers = try store.read { transaction in
      try accounts.sorted { $0.key < $1.key }.compactMap {
        try RiskAnswer(transaction, account: $0.key, $0.value, now: now)
      }
    }
    try store.close()
    if output.json {
      Console.out(try answers.json)
    } else {
      if answers.isEmpty { Console.say("no portfolio yet: rebalance has not run") }
      for answer in answers { try show(answer, isOne: answers.count == 1) }
    }
    if answers.contains(where: { $0.reading.inForce != nil }) {
      throw ArgumentParser.ExitCode(Domain.ExitCode.no.rawValue)
    }
  }

  private func show(_ answer: RiskAnswer, isOne: Bool) throws {
    if !isOne { Console.out("── \(answer.account) ──") }
    if answer.reading.lines.isEmpty {
      Console.say("account \(answer.account) has no limits of risk: add `risk:` to it")
    } else {
      var table = Table("LIMIT", ">BOUND", ">USED", ">PART", "PASSED", "ACTION", "RE-ARMS")
      for line in answer.reading.lines {
        table.add(
          line.limit.name, "\(line.limit.bound)",
          line.used?.formatted(places: 4) ?? "unknown",
          try line.part.map { Amount(units: $0.units * 100).formatted(places: 0) + "%" } ?? "",
          try line.since.map { try global.clock().text($0) } ?? "", line.limit.action.rawValue,
          line.limit.kind.rearms)
      }
      output.print(table)
    }
    if let force = answer.reading.inForce {
      Console.out("\(force.action.rawValue): \(force.reason)")
    }
  }
}

import ArgumentParser
import Domain
import Glibc
import Jobs
import Settings

/// What a run by hand must have before it trades with real money: an armed account, and its name from
/// the person who asks.
struct LiveOptions: ParsableArguments {
  @Option(
    name: .customLong("confirm"),
    help: ArgumentHelp(
      "The account whose real money is to be traded, instead of typing its name when asked.",
      valueName: "account"))
  var confirmed: [String] = []

  /// Lets jobs of these accounts run, or refuses.
  ///
  /// - Throws: exit 77 where one is not armed, or its name is not given.
  func check(_ accounts: [String], _ workspace: Workspace) throws {
    let armed = try workspace.armed()
    for name in Set(accounts).sorted() {
      guard let account = workspace.settings.accounts[name], account.isLive else { continue }
      if let reason = account.disarmed(name, armed: armed) {
        throw Fault(
          "trade", "account \(name)", cause: "it is not armed: \(reason)",
          remedy: "what it would do: carillon plan \(name); to trade real money: "
            + "\(LiveArming.variable)=\(name) in the environment",
          exit: .refused)
      }
      try confirm(name)
    }
  }

  private func confirm(_ name: String) throws {
    guard confirmed.isEmpty else {
      guard confirmed.contains(name) else { throw refusal(name, "--confirm does not name it") }
      return
    }
    guard isatty(STDIN_FILENO) == 1 else {
      throw refusal(name, "nobody is there to confirm it")
    }
    Console.say(
      "this trades real money; type the account's name (\(name)) to go on: ", isWholeLine: false)
    guard readLine() == name else { throw refusal(name, "another name was typed") }
  }

  private func refusal(_ name: String, _ cause: String) -> Fault {
    Fault(
      "trade", "account \(name)", cause: cause, remedy: "in a script: --confirm \(name)",
      exit: .refused)
  }
}

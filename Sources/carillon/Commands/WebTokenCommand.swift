import ArgumentParser
import Disk
import Domain
import Service
import Settings

/// `carillon web token ...`
struct WebTokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Give machines tokens to ask and act by, and take them back.",
    subcommands: [
      WebTokenAddCommand.self, WebTokenListCommand.self, WebTokenRevokeCommand.self,
    ])

  /// The tokens of the settings' file, and its path.
  static func read(_ settings: SettingsOptions) throws -> (tokens: MachineTokens, path: String) {
    guard let path = try Workspace(settings).settings.web.tokensFile else {
      throw Fault(
        "find", "the tokens", cause: "the settings name no file for them",
        remedy: "add `web: { tokens-file: tokens }`, and restart once", exit: .configuration)
    }
    return (try TokenFile(path: path).tokens(), path)
  }
}

/// `carillon web token add NAME`
struct WebTokenAddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Make a token, print it once, and keep its hash.",
    discussion: """
      carillon web token add grafana > grafana.token
      curl -H "Authorization: Bearer $(cat grafana.token)" http://127.0.0.1:8787/api/v1/status

      A service that runs with the file knows it at once.
      """)

  @Argument(help: "Whose it is: letters, digits and ._-")
  var name: String

  @Flag(help: "It may act: run, pause, halt; else it may read only.")
  var act = false

  @OptionGroup var settings: SettingsOptions

  func run() throws {
    var (tokens, path) = try WebTokenCommand.read(settings)
    let token = try tokens.add(name, act ? .act : .read)
    try NewFile.write(tokens.text, to: path)
    Console.say("\(name) may \(act ? "act" : "read"); \(path) has the hash, this is the token:")
    token.reveal { Console.out($0) }
  }
}

/// `carillon web token list`
struct WebTokenListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show whose tokens there are, and what they allow.")

  @OptionGroup var settings: SettingsOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let tokens = try WebTokenCommand.read(settings).tokens.tokens
    guard !output.json else {
      let rows = tokens.map { token in
        JSONValue.object([
          .init("name", .string(token.name)), .init("scope", .string(token.scope.rawValue)),
        ])
      }
      return Console.out(
        JSONValue.object([
          .init("schema", .string("carillon.tokens/1")), .init("tokens", .array(rows)),
        ]))
    }
    var table = Table("NAME", "MAY")
    for token in tokens { table.add(token.name, token.scope.rawValue) }
    output.print(table)
  }
}

/// `carillon web token revoke NAME`
struct WebTokenRevokeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Take a token back, at once.")

  @Argument(help: "Whose it is.")
  var name: String

  @OptionGroup var settings: SettingsOptions

  func run() throws {
    var (tokens, path) = try WebTokenCommand.read(settings)
    guard tokens.revoke(name) else {
      throw Fault(
        "revoke", "the token \(name)", cause: "there is none of that name",
        remedy: "carillon web token list", exit: .usage)
    }
    try NewFile.write(tokens.text, to: path)
    Console.say("\(name) is revoked")
  }
}

import ArgumentParser
import Domain
import Glibc
import Service

/// `carillon web ...`
struct WebCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "web", abstract: "Prepare who may come in to the dashboard.",
    subcommands: [WebPasswordCommand.self, WebTokenCommand.self])
}

/// `carillon web password NAME`
struct WebPasswordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "password",
    abstract: "Make a line of the file of users: NAME and a password's hash.",
    discussion: """
      Reads the password from standard input, without showing it on a terminal, and prints the line:

      carillon web password kim > users

      Then say in the settings: web: { users-file: users }, and restart. Lines of `htpasswd -nB` do \
      as well.
      """)

  @Argument(help: "The name to log in with: letters, digits and ._-")
  var name: String

  @Flag(help: "Who may look and not act.")
  var view = false

  func run() throws {
    Console.say("password of \(name):")
    guard let password = Self.readHidden() else {
      throw Fault(
        "read", "the password", cause: "standard input has ended",
        remedy: "type it, or give it through a pipe", exit: .noInput)
    }
    let line = "\(name):\(try PasswordHash.make(password))\(view ? ":view" : "")"
    _ = try WebUsers(line, file: "the name")
    Console.out(line)
  }

  /// A line of standard input, which a terminal does not show meanwhile.
  private static func readHidden() -> String? {
    var before = termios()
    guard tcgetattr(STDIN_FILENO, &before) == 0 else { return readLine() }
    var hidden = before
    hidden.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) }
    return readLine()
  }
}

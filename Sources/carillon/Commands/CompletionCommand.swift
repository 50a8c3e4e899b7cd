import ArgumentParser

/// `carillon completion`
struct CompletionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion", abstract: "Print what completes commands in a shell.",
    discussion: """
      `make install`, the Debian package and the image install it. By hand, for one session: \
      source <(carillon completion bash)
      """)

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  /// A shell that can complete.
  enum Shell: String, CaseIterable, ExpressibleByArgument {
    case bash, zsh, fish
  }

  func run() {
    let kind: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    Console.out(Carillon.completionScript(for: kind))
  }
}

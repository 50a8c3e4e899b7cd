import Domain
import Glibc
import Settings
import Store
import StrictYAML

/// What a job's parameters say of the program that it runs: shared by all that run one.
struct ProgramParameters: Sendable {
  /// The program and its arguments.
  var arguments: [String]
  /// The folder that it starts in: that of the settings unless given; nil: Carillon's own.
  var directory: String?
  /// What is added to the environment.
  var environment: [String: String]
  /// How long it has from SIGTERM to SIGKILL.
  var killAfter: TimeSpan

  /// The variables by which a program is told what it runs for.
  static let ownVariables = [
    "CARILLON_JOB", "CARILLON_SLOT", "CARILLON_RUN", "CARILLON_ATTEMPT", "CARILLON_DATABASE",
  ]
  /// What runs a command that is one text.
  static let shell = ["/bin/sh", "-c"]

  /// Reads the program under a key, and `directory`, `environment`, `kill-after` and `shell`; nil
  /// when there is a mistake, which is in the log.
  init?(_ reader: MappingReader, key: String, _ settings: Settings) {
    let isShell = reader.flag("shell") ?? false
    let arguments = Self.arguments(reader, key: key, isShell: isShell)
    let own = settings.folder.isEmpty || settings.folder == "." ? nil : settings.folder
    directory = reader.name("directory").map(settings.resolve) ?? own
    environment = Self.environment(reader)
    killAfter =
      reader.span("kill-after", in: .zero...Program.longestKillAfter) ?? Program.defaultKillAfter
    guard let arguments else { return nil }
    self.arguments = arguments
  }

  /// The program for an attempt, with a clean environment and word of what it runs for.
  func program(for context: JobContext, input: [UInt8] = []) -> Program {
    var all = ProcessEnvironment.inherited
    all["CARILLON_JOB"] = context.firing.slot.job.text
    all["CARILLON_SLOT"] = "\(context.slot)"
    all["CARILLON_RUN"] = "\(context.run)"
    all["CARILLON_ATTEMPT"] = "\(context.attempt)"
    all["CARILLON_DATABASE"] = Self.absolute(context.store.path)
    return Program(
      arguments: arguments, environment: all.merging(environment) { _, own in own },
      directory: directory, input: input, killAfter: killAfter)
  }

  /// The file that would be run, as things are now.
  ///
  /// - Throws: exit 66 when there is none, or none that may be run.
  func found() throws(Fault) -> String {
    try Program(
      arguments: arguments,
      environment: ProcessEnvironment.inherited.merging(environment) { _, own in own },
      directory: directory, killAfter: killAfter
    ).file()
  }

  /// How long a program has to end that is told to now.
  func killAfter(under conditions: Conditions) -> TimeSpan {
    conditions.isDraining ? min(killAfter, Program.shutdownKillAfter) : killAfter
  }

  private static func arguments(
    _ reader: MappingReader, key: String, isShell: Bool
  ) -> [String]? {
    guard let node = reader.value(key, required: true) else { return nil }
    let example = "\(key): [python3, train.py]"
    if let text = node.text {
      guard isShell else {
        reader.log.error(
          at: node, "`\(key)` must be a list of the program and its arguments, not one text",
          mend: "write \(example), or let a shell read it: shell: true")
        return nil
      }
      guard !text.isEmpty, !text.contains("\0") else {
        reader.log.error(at: node, "`\(key)` says nothing", mend: "write the command")
        return nil
      }
      return shell + [text]
    }
    guard let elements = node.elements, !isShell else {
      reader.log.error(
        at: node,
        isShell
          ? "`\(key)` must be one text, since `shell` is true"
          : "`\(key)` must be a list of the program and its arguments, not \(node.noun)",
        mend: isShell ? "remove `shell`, or write one text" : "write \(example)")
      return nil
    }
    var arguments: [String] = []
    for element in elements {
      guard let text = element.text, !text.contains("\0") else {
        reader.log.error(
          at: element, "an argument must be a text, not \(element.noun)", mend: "put it in quotes")
        return nil
      }
      arguments.append(text)
    }
    guard arguments.first?.isEmpty == false else {
      reader.log.error(at: node, "`\(key)` names no program", mend: "write \(example)")
      return nil
    }
    return arguments
  }

  private static func environment(_ reader: MappingReader) -> [String: String] {
    guard let mapping = reader.mapping("environment") else { return [:] }
    var values: [String: String] = [:]
    for entry in mapping.entries() {
      let name = entry.key.text ?? ""
      guard isVariable(name) else {
        reader.log.error(
          at: entry.key, "`\(name)` is no name of a variable",
          mend: "use letters, digits and underscores, no digit first")
        continue
      }
      guard !ownVariables.contains(name) else {
        reader.log.error(at: entry.key, "`\(name)` is set by Carillon", mend: "remove it")
        continue
      }
      guard let text = entry.value.text, !text.contains("\0") else {
        reader.log.error(
          at: entry.value, "`\(name)` must be a text, not \(entry.value.noun)",
          mend: "put it in quotes")
        continue
      }
      values[name] = text
    }
    return values
  }

  private static func isVariable(_ name: String) -> Bool {
    guard let first = name.utf8.first, first < 48 || first > 57 else { return false }
    return name.utf8.allSatisfy {
      $0 == 95 || ($0 >= 48 && $0 <= 57) || ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122)
    }
  }

  private static func absolute(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}

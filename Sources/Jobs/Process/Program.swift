import Domain
import Glibc
import StrictYAML

/// A program to start: what, where, and with what.
struct Program: Sendable {
  /// The program and its arguments.
  var arguments: [String]
  /// All that its environment holds.
  var environment: [String: String]
  /// The folder that it starts in; nil: Carillon's own.
  var directory: String?
  /// What it reads from standard input; nothing: /dev/null.
  var input: [UInt8] = []
  /// How long it has from SIGTERM to SIGKILL.
  var killAfter: TimeSpan

  /// From SIGTERM to SIGKILL unless a job says otherwise.
  static let defaultKillAfter = TimeSpan.seconds(10)
  /// The longest that a job may say: together with what the kernel needs it is shorter than the
  /// watchdog's patience with a job past its time-out (30 s).
  static let longestKillAfter = TimeSpan.seconds(20)
  /// The longest during a shutdown, which is over ten seconds after it asked jobs to stop.
  static let shutdownKillAfter = TimeSpan.seconds(8)
  /// Where programs are looked for when the environment has no PATH.
  static let standardPath = "/usr/local/bin:/usr/bin:/bin"

  /// The name by which messages call it.
  var name: String { arguments.first ?? "" }

  /// The file of the program, found as a shell would: a name with a slash is a path from its
  /// directory, any other is looked for along its PATH.
  ///
  /// - Throws: exit 66 when there is no such file, or none that may be run.
  func file() throws(Fault) -> String {
    if let directory { try Self.check(directory: directory, of: name) }
    guard !name.contains("/") else {
      let path =
        name.hasPrefix("/") ? name : directory.map { "\($0)/\(name)" } ?? name
      guard access(path, F_OK) == 0 else {
        throw Self.missing(name, "there is no file \(path)", "check the path in `run`")
      }
      guard Self.isProgram(path) else {
        throw Self.missing(name, "\(path) may not be run", "make it a program: chmod +x \(path)")
      }
      return name
    }
    var refused: String?
    let path = environment["PATH"] ?? Self.standardPath
    for folder in path.split(separator: ":") {
      // A relative folder of PATH would mean another one after the change of directory.
      guard folder.hasPrefix("/") else { continue }
      let file = "\(folder)/\(name)"
      if Self.isProgram(file) { return file }
      if access(file, F_OK) == 0 { refused = refused ?? file }
    }
    if let refused {
      throw Self.missing(
        name, "\(refused) may not be run", "make it a program: chmod +x \(refused)")
    }
    throw Self.missing(
      name, "there is no such program on the PATH (\(path))",
      "install it, in a container into the image, or name it with its full path")
  }

  private static func check(directory: String, of name: String) throws(Fault) {
    var status = stat()
    guard stat(directory, &status) == 0 else {
      throw missing(
        name, "its directory \(directory): \(String(cString: strerror(errno)))",
        "make it, or name another: `directory`")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw missing(name, "\(directory) is not a directory", "name a folder in `directory`")
    }
  }

  private static func isProgram(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && access(path, X_OK) == 0
  }

  private static func missing(_ name: String, _ cause: String, _ remedy: String) -> Fault {
    Fault("run", name, cause: cause, remedy: remedy, exit: .noInput)
  }
}

/// How a program ended.
struct ProgramEnd: Hashable, Sendable {
  /// What `waitpid` told.
  enum Status: Hashable, Sendable {
    /// It ended by itself with this exit code.
    case code(Int32)
    /// A signal of this number ended it.
    case signal(Int32)
  }

  /// How the program itself ended.
  var status: Status
  /// Whether other processes of it still ran at its end, and were ended.
  var leftOthers: Bool
  /// Whether some of them cannot be killed.
  var isStuck: Bool

  /// The end that a status of `waitpid` stands for.
  init(waitStatus: Int32, leftOthers: Bool = false, isStuck: Bool = false) {
    let signal = waitStatus & 0x7f
    status = signal == 0 ? .code(waitStatus >> 8 & 0xff) : .signal(signal)
    (self.leftOthers, self.isStuck) = (leftOthers, isStuck)
  }
}

extension ProgramEnd.Status: CustomStringConvertible {
  /// `exit code 3`, `SIGKILL`.
  var description: String {
    switch self {
    case .code(let code): "exit code \(code)"
    case .signal(let number): Self.names[number] ?? "signal \(number)"
    }
  }

  private static let names: [Int32: String] = [
    SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
    SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL",
    SIGUSR1: "SIGUSR1", SIGSEGV: "SIGSEGV", SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE",
    SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ",
    SIGSYS: "SIGSYS",
  ]
}

import ArgumentParser
// Linked, never called: see its no_locales.c.
import CNoLocales
import Dispatch
import Domain
import Glibc
import Jobs
import Service
import StrictYAML
import Synchronization

/// The command line: one file per command.
@main
struct Carillon: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "carillon",
    abstract: "A scheduled trading system that one person can run and trust.",
    discussion: """
      Start with `carillon demo` (no keys, no network), then `carillon init DIR`.

      Exit codes:
      \(exitCodes)
      """,
    version: Version.text,
    subcommands: [
      InitCommand.self, DemoCommand.self, CheckCommand.self, ConfigCommand.self, DoctorCommand.self,
      RunCommand.self,
      StatusCommand.self,
      HealthCommand.self, ScheduleCommand.self, JobCommand.self, PortfolioCommand.self,
      PlanCommand.self, RebalanceCommand.self,
      OrdersCommand.self, StatementCommand.self, ShadowCommand.self, AdoptCommand.self,
      CashCommand.self,
      WhyCommand.self,
      RiskCommand.self, AlertsCommand.self, NotifyCommand.self, ReportCommand.self,
      HaltCommand.self, ResumeCommand.self, SnapshotCommand.self, IndicatorsCommand.self,
      ModelCommand.self, ExportCommand.self, QuarantineCommand.self, CandlesCommand.self,
      AuditCommand.self, DatabaseCommand.self, OpenCommand.self, DashboardCommand.self,
      WebCommand.self,
      ExchangeCommand.self, CompletionCommand.self, VersionCommand.self,
    ])

  /// Fewer open files than this are not enough to read a database and print.
  private static let minimumOpenFiles = 32

  /// So many threads the service has at least, and any other command that works beside its printing:
  /// where there is no room for them, libraries below trap or wait for ever instead of saying so.
  private static let (serviceThreads, commandThreads) = (12, 4)

  /// What they need of memory beside what is taken at the start. Measured with one arena: the service
  /// takes 113 MiB more, commands up to 75 (a demo of 20 days, an exchange).
  private static let (serviceRoomBytes, commandRoomBytes): (UInt64, UInt64) = (160 << 20, 96 << 20)

  /// What the process needs of the system, before anything can fail for want of it.
  ///
  /// - Throws: exit 69 when there is too little room.
  private static func prepare() throws(Fault) {
    keepStandardDescriptors()
    // A file that may not grow is an error of the write, with a word, and not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    let isService = CommandLine.arguments.dropFirst().first == "run"
    try MemoryRoom.require(isService ? serviceRoomBytes : commandRoomBytes)
    try PlainThread.probe(isService ? serviceThreads : commandThreads)
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
      limit.rlim_cur < rlim_t(minimumOpenFiles)
    else { return }
    throw Fault(
      "start", "carillon", cause: "only \(limit.rlim_cur) open files are allowed",
      remedy: "raise the limit: ulimit -n 1024", exit: .unavailable)
  }

  /// A standard descriptor that is closed is given to what can only be used the other way round: else the
  /// next file that is opened, maybe the database, would take its number, and output would go there.
  private static func keepStandardDescriptors() {
    for (descriptor, mode) in [(0, O_WRONLY), (1, O_RDONLY), (2, O_RDONLY)] as [(Int32, Int32)]
    where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // The lowest number that is free is taken, which is this one.
      _ = open("/dev/null", mode)
    }
  }

  /// The exit codes with their meanings, a line each.
  private static var exitCodes: String {
    let own = Domain.ExitCode.allCases.map { code in
      "  \(code.rawValue < 10 ? " " : "")\(code.rawValue)  \(code.meaning)"
    }
    let cut = "130, 143  cut by SIGINT, by SIGTERM (`carillon run` drains and exits 0)"
    return (own + ["  " + cut]).joined(separator: "\n")
  }

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    var type: any ParsableCommand.Type = Self.self
    do {
      try prepare()
      var command = try parseAsRoot()
      type = Swift.type(of: command)
      try command.run()
      end(.done)
    } catch let fault as Fault {
      Console.report(fault)
      if arguments.contains("--json") { Console.out(fault.json) }
      end(fault.exit)
    } catch let diagnostics as Diagnostics {
      Console.report(diagnostics)
      if arguments.contains("--json") { Console.out(diagnostics.json) }
      end(.configuration)
    } catch let code as ArgumentParser.ExitCode {
      end(code.rawValue)
    } catch {
      // Help and completions are data; what is wrong with the command line is talk.
      let code = type.exitCode(for: error)
      let text = type.fullMessage(for: error)
      guard !code.isSuccess else {
        Console.out(text)
        end(code.rawValue)
      }
      Console.say(text)
      if let advice = CommandMistake(arguments, message: text).advice { Console.say(advice) }
      if arguments.contains("--json") {
        let cause = type.message(for: error)
        Console.out(
          Fault("read", "the command line", cause: cause, exit: .usage).json)
      }
      end(code.rawValue)
    }
  }
}

extension Carillon {
  private static func end(_ code: Domain.ExitCode) -> Never { end(code.rawValue) }

  /// Ends the process at once, without the exit handlers of C libraries: OpenSSL's frees what a thread
  /// that is just letting go of a connection may still use. All output is written and the database is
  /// closed by now. Output that did not arrive turns success into 74; a failure keeps its own code.
  private static func end(_ code: Int32) -> Never {
    do {
      try StandardOutput.close()
    } catch {
      Console.report(error)
      Glibc._exit(code == Domain.ExitCode.done.rawValue ? error.exit.rawValue : code)
    }
    Glibc._exit(code)
  }
}

/// A command whose work is asynchronous. It runs on a thread of its own, where it may block on the
/// database, and the main thread waits for it: Swift's cooperative pool stays free.
protocol WorkerCommand: ParsableCommand, Sendable {
  /// The work.
  func work(on worker: WorkerThread) async throws
}

extension WorkerCommand {
  func run() throws {
    let worker = WorkerThread(name: "command")
    defer { worker.stop() }
    let done = DispatchSemaphore(value: 0)
    let outcome = Mutex<Result<Void, any Error>>(.success(()))
    Task(executorPreference: worker) {
      do {
        try await work(on: worker)
      } catch {
        outcome.withLock { $0 = .failure(error) }
      }
      done.signal()
    }
    done.wait()
    try outcome.withLock { try $0.get() }
  }
}

/// Ends a command whose output has said all with a code.
func leave(_ code: Domain.ExitCode) -> ArgumentParser.ExitCode {
  ArgumentParser.ExitCode(code.rawValue)
}

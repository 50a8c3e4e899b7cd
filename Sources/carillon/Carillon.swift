import ArgumentParser
import Dispatch
import Domain
import Glibc
import Jobs
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
      Exit codes: 0 done, 1 the answer is no, 64 usage, 65 data, 66 missing file, 69 unavailable, \
      70 internal, 73/74 output, 75 try again, 77 refused, 78 configuration.
      """,
    version: Version.text,
    subcommands: [
      InitCommand.self, DemoCommand.self, RunCommand.self, StatusCommand.self, HealthCommand.self,
      ScheduleCommand.self, JobCommand.self, PortfolioCommand.self, OrdersCommand.self,
      CashCommand.self, WhyCommand.self,
      HaltCommand.self, ResumeCommand.self, SnapshotCommand.self, IndicatorsCommand.self,
      ModelCommand.self, ExportCommand.self, QuarantineCommand.self, CandlesCommand.self,
      ExchangeCommand.self, VersionCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
      end(.done)
    } catch let fault as Fault {
      Console.report(fault)
      end(fault.exit)
    } catch let diagnostics as Diagnostics {
      Console.report(diagnostics)
      end(.configuration)
    } catch let code as ArgumentParser.ExitCode {
      Glibc._exit(code.rawValue)
    } catch {
      exit(withError: error)
    }
  }
}

extension Carillon {
  /// Ends the process at once, without the exit handlers of C libraries: OpenSSL's frees what a thread
  /// that is just letting go of a connection may still use. All output is written and the database is
  /// closed by now.
  private static func end(_ code: Domain.ExitCode) -> Never { Glibc._exit(code.rawValue) }
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

/// The exit codes of every command, after BSD's sysexits: the one table of them. `carillon --help` and
/// docs/reference/commands.md are written from it.
public enum ExitCode: Int32, CaseIterable, Sendable {
  /// Done, healthy, or nothing to do.
  case done = 0
  /// The answer is no: unhealthy, the job failed, drift found.
  case no = 1
  /// The command line was wrong.
  case usage = 64
  /// Bad data: candles, a crontab, a snapshot.
  case data = 65
  /// A file is missing.
  case noInput = 66
  /// The exchange or the database cannot be reached after retries.
  case unavailable = 69
  /// A defect of Carillon, or its watchdog.
  case `internal` = 70
  /// The output cannot be created.
  case cannotCreate = 73
  /// Input or output failed, or the disk is full.
  case io = 74
  /// Try again: the job is busy, the database is locked, the rate limit is reached.
  case tryAgain = 75
  /// Refused: not armed for live trading, halted, wrong confirmation.
  case refused = 77
  /// The configuration or the schedules file is invalid.
  case configuration = 78

  /// What it says, in the words of the help and of the documents.
  public var meaning: String {
    switch self {
    case .done: "done, healthy, or nothing to do"
    case .no: "the answer is no: unhealthy, the job failed, trading is halted"
    case .usage: "the command line is wrong: an option, a name, a time"
    case .data: "the data is wrong: candles, a crontab, a model, a snapshot"
    case .noInput: "a file is missing: settings, database, candles"
    case .unavailable: "the exchange, the database or a port cannot be reached"
    case .internal: "a defect of Carillon, or its watchdog"
    case .cannotCreate: "the output cannot be created"
    case .io: "input or output failed: a full disk, standard output that cannot be written"
    case .tryAgain:
      "try again: the job is busy, the database is locked, another carillon runs, a stop was forced"
    case .refused: "refused: live trading, a halt, a confirmation that is missing"
    case .configuration: "settings or schedules are wrong"
    }
  }

  /// The code of a command that a signal cut, as shells count it: 130 for SIGINT, 143 for SIGTERM.
  public static func cut(by signal: Int32) -> Int32 { 128 + signal }
}

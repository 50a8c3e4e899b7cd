/// The exit codes of every command, after BSD's sysexits.
public enum ExitCode: Int32, Sendable {
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
  /// Try again: the job is running already, the database is locked, the rate limit is reached.
  case tryAgain = 75
  /// Refused: not armed for live trading, halted, wrong confirmation.
  case refused = 77
  /// The configuration or the schedules file is invalid.
  case configuration = 78
}

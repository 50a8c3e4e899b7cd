import ArgumentParser
import Domain

/// The flags that every command takes.
struct GlobalOptions: ParsableArguments {
  @Option(
    name: [.short, .long], help: "The settings file (default: carillon.yaml, if there is one).")
  var config: String?

  @Option(help: "The schedules file (default: CARILLON_SCHEDULES, then schedules/carillon.yaml).")
  var schedules: String?

  @Option(name: .customLong("tz"), help: "The zone in which times are shown.")
  var tz = "UTC"

  /// Shows instants in the zone that was asked for.
  func clock() throws -> Clock { Clock(zone: try ZoneDatabase.zone(tz)) }
}

/// How a reading command prints.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON object; times in UTC, money as text.")
  var json = false

  @Flag(help: "Print tables separated by tabs.")
  var plain = false

  /// Prints a table.
  func print(_ table: Table) { table.lines(plain: plain).forEach(Console.out) }
}

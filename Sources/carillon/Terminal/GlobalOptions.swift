import ArgumentParser
import Domain
import Service

/// Where the settings are: for commands that read nothing else of a set-up.
struct SettingsOptions: ParsableArguments {
  @Option(
    name: [.short, .long], help: "The settings file (default: carillon.yaml, if there is one).",
    completion: Completions.yaml)
  var config: String?
}

/// Where a set-up is: for commands that show no time.
struct SetupOptions: ParsableArguments {
  @OptionGroup var settings: SettingsOptions

  @Option(
    help: "The schedules file (default: CARILLON_SCHEDULES, then schedules/carillon.yaml).",
    completion: Completions.yaml)
  var schedules: String?
}

/// The flags of commands that read a set-up and show times.
struct GlobalOptions: ParsableArguments {
  @OptionGroup var setup: SetupOptions
  @OptionGroup var zone: ZoneOptions

  /// Shows instants in the zone that was asked for.
  func clock() throws -> Clock { try zone.clock() }
}

/// The zone of what is shown.
struct ZoneOptions: ParsableArguments {
  @Option(
    name: .customLong("tz"), help: "The zone in which times are shown.",
    completion: Completions.zone)
  var tz = "UTC"

  func validate() throws {
    do { _ = try clock() } catch let fault as Fault {
      let mend = fault.remedy.map { "; \($0)" } ?? ""
      throw ValidationError("--tz \(tz): \(fault.cause)\(mend)")
    }
  }

  /// Shows instants in the zone that was asked for.
  func clock() throws -> Clock { Clock(zone: try ZoneDatabase.zone(tz)) }
}

/// How a reading command prints.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON object; times in UTC, money as text.")
  var json = false

  @Flag(help: "Print tables separated by tabs.")
  var plain = false

  func validate() throws {
    if json, plain { throw ValidationError("--json and --plain exclude each other") }
  }

  /// Prints a table.
  func print(_ table: Table) {
    table.lines(plain: plain, on: Screen(.output)).forEach { Console.out($0) }
  }
}

import ArgumentParser

/// `carillon schedule list`: the same as `carillon job list`, where one looks for it.
struct ScheduleListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the jobs with what makes them due.")

  @OptionGroup var list: JobTable

  func run() throws { try list.show() }
}

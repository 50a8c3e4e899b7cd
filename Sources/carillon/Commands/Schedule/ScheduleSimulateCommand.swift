import ArgumentParser
import Domain
import Scheduler
import Settings

/// `carillon schedule simulate`
struct ScheduleSimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Show what would become of every slot over a stretch of time.",
    discussion: """
      Runs the scheduler itself in simulated time: nothing is read but the schedules file (and, where \
      there is a database, how long the jobs took so far), and nothing is written. All jobs begin at \
      --from. Downtimes are orderly stops. The clock steps at a real time; what is due goes by the \
      wall clock, as it does for the service. At --to the service stops: what is due and not started \
      by then is `deferred`.
      """)

  @Option(help: "When the service starts, like 2027-01-01T00:00:00Z.")
  var from: String

  @Option(help: "When it stops.")
  var to: String

  @Option(help: "The service is down from A to B: 2027-03-01T00:00:00Z..2027-03-08T00:00:00Z.")
  var downtime: [String] = []

  @Option(help: "The wall clock steps: 2027-08-01T12:00:00Z=+1h, or =-5h.")
  var clockStep: [String] = []

  @Option(
    help: "A job is paused by hand from A to B: report@2027-02-01T00:00:00Z..2027-02-08T00:00:00Z.")
  var pause: [String] = []

  @Option(help: "How long each run of a job takes: fetch=3m. Else as learned, else 1s.")
  var took: [String] = []

  @Option(
    help:
      "A slot that fails, infer@2027-01-01T10:00:00Z; or the part of a job's runs that do, infer=0.05."
  )
  var fail: [String] = []

  @Option(help: "Decides which runs fail: another seed, other runs.")
  var seed: UInt64 = 1

  @Option(help: "Show only this job.")
  var job: String?

  @Flag(help: "Show only how many slots of each job ended in each state.")
  var summary = false

  @OptionGroup var global: GlobalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let job, JobName(job) == nil { throw ValidationError("\(job) is no name of a job") }
  }

  func run() throws {
    let workspace = try Workspace(global)
    let schedule = try workspace.schedule()
    let options = SimulationOptions(schedule: schedule)
    let (start, end) = (try options.time(from, "--from"), try options.time(to, "--to"))
    guard start < end else { throw ValidationError("--to is not after --from") }
    var simulation = ScheduleSimulation(schedule, from: start, to: end)
    simulation.workers = workspace.settings.workers
    simulation.downtimes = try downtime.map(options.downtime)
    simulation.clockSteps = try clockStep.map(options.clockStep)
    simulation.pauses = try pause.map(options.pause)
    simulation.runs = try options.runs(
      took: took, fail: fail, seed: seed,
      learned: workspace.learnedDurations(of: schedule).jobs.compactMapValues(\.median))
    let shown = try job.map { try options.job($0[...]) }
    let view = SimulationView(
      of: schedule, try simulation.run(), job: shown, clock: try global.clock())
    if output.json {
      Console.out(view.json(simulation, isSummary: summary))
    } else {
      if !summary { output.print(view.slots) }
      if !summary, !output.plain { Console.out("") }
      if summary || !output.plain { output.print(view.totals) }
    }
  }
}

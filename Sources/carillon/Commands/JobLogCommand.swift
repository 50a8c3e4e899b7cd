import ArgumentParser
import Domain
import Store

/// `carillon job log`
struct JobLogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Show what a run printed.",
    discussion: """
      What Carillon itself noted stands between the program's lines. With --json, each line of output \
      is an object on a line of its own.
      """)

  @Argument(
    help: ArgumentHelp(
      "The run's number, or JOB@SLOT like fetch@2026-11-20T14:01:00Z.", valueName: "run"))
  var target: String

  @Flag(name: [.customShort("f"), .long], help: "Go on until the run ends.")
  var follow = false

  @Flag(help: "Print one JSON object per line of output.")
  var json = false

  @OptionGroup var global: GlobalOptions

  /// How often the database is looked at while following.
  static let period = TimeSpan.milliseconds(500)
  /// So many parts are read at once.
  private static let partsAtOnce = 100

  func validate() throws {
    guard RunArgument(text: target).meaning != nil else {
      throw ValidationError("\(target): \(RunArgument.form)")
    }
  }

  func run() throws {
    let store = try Workspace(global).existingStore()
    let record = try find(in: store)
    var printer = OutputPrinter(run: record, asJSON: json)
    var last = 0
    while true {
      // The state before the output: what a run that has ended printed is all there.
      let isRunning = try store.read { try $0.runs.run(record.id)?.state == .running }
      while true {
        let parts = try store.read {
          try $0.output.parts(of: record.id, after: last, limit: Self.partsAtOnce)
        }
        parts.forEach { printer.print($0) }
        last = parts.last?.number ?? last
        if parts.count < Self.partsAtOnce { break }
      }
      try StandardOutput.check()
      guard follow, isRunning else { break }
      SystemTime.block(for: Self.period)
    }
    printer.finish()
    if last == 0 {
      Console.say("run \(record.id) (\(record.slot), \(record.state)) printed nothing")
    }
  }

  private func find(in store: Store) throws -> RunRecord {
    let record = try store.read { transaction in
      switch RunArgument(text: target).meaning {
      case .number(let id): try transaction.runs.run(id)
      case .slot(let slot): try transaction.runs.run(slot)
      case nil: preconditionFailure("validated")
      }
    }
    guard let record else {
      throw Fault(
        "show the output of", "run \(target)", cause: "there is no such run",
        remedy: "see the runs: carillon job history", exit: .no)
    }
    return record
  }
}

/// Prints the parts of a run's output: as they are, or line by line as JSON.
private struct OutputPrinter {
  let run: RunRecord
  let asJSON: Bool
  /// The beginnings of lines whose ends have not come yet.
  private var open: [RunStream: (bytes: [UInt8], part: RunOutput)] = [:]
  private var endsLine = true
  private var last: RunOutput?

  /// A line of JSON ends here at the latest.
  private static let longestLineBytes = 64 << 10

  init(run: RunRecord, asJSON: Bool) { (self.run, self.asJSON) = (run, asJSON) }

  mutating func print(_ part: RunOutput) {
    // Parts that went while we followed: the line that counts them stands before what is shown already.
    if let last, part.number > last.number + 1, last.stream != .log {
      var note = part
      note.stream = .log
      note.bytes = Array("carillon: output is left out here\n".utf8)
      show(note)
    }
    show(part)
    last = part
  }

  private mutating func show(_ part: RunOutput) {
    guard asJSON else {
      // A note of ours begins on a line of its own.
      if part.stream == .log, !endsLine { Console.out(bytes: [10]) }
      Console.out(bytes: part.bytes)
      endsLine = part.bytes.last == 10
      return
    }
    if let other = open[part.stream], other.part.attempt != part.attempt { flush(part.stream) }
    var line = open[part.stream]?.bytes ?? []
    open[part.stream] = nil
    for byte in part.bytes {
      if byte == 10 || line.count >= Self.longestLineBytes {
        write(line, part)
        line = []
      }
      if byte != 10 { line.append(byte) }
    }
    if !line.isEmpty { open[part.stream] = (line, part) }
  }

  mutating func finish() {
    guard asJSON else {
      if !endsLine { Console.out(bytes: [10]) }
      return
    }
    RunStream.allCases.forEach { flush($0) }
  }

  private mutating func flush(_ stream: RunStream) {
    guard let (bytes, part) = open.removeValue(forKey: stream) else { return }
    write(bytes, part)
  }

  private func write(_ line: [UInt8], _ part: RunOutput) {
    Console.out(
      .object([
        .init("schema", .string("carillon.job.log/1")), .init("run", .number(run.id)),
        .init("attempt", .number(part.attempt)), .init("stream", .string(part.stream.rawValue)),
        .init("time", .string("\(part.written)")),
        .init("text", .string(String(decoding: line, as: UTF8.self))),
      ]))
  }
}

import Domain
import Store

/// Prints the parts of a run's output: as they are, or line by line as JSON.
struct OutputPrinter {
  let run: Int64
  let asJSON: Bool
  /// The beginnings of lines whose ends have not come yet.
  private var open: [RunStream: (bytes: [UInt8], part: RunOutput)] = [:]
  private var endsLine = true
  private var last: RunOutput?

  /// A line of JSON ends here at the latest.
  private static let longestLineBytes = 64 << 10

  init(run: Int64, asJSON: Bool) { (self.run, self.asJSON) = (run, asJSON) }

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
        .init("schema", .string("carillon.job.log/1")), .init("run", .number(run)),
        .init("attempt", .number(part.attempt)), .init("stream", .string(part.stream.rawValue)),
        .init("time", .string("\(part.written)")),
        .init("text", .string(String(decoding: line, as: UTF8.self))),
      ]))
  }
}

/// Reads on in the output of a run, and prints what is new.
struct RunOutputReading {
  private let store: Store
  private var printer: OutputPrinter
  private var last = 0
  private let includes: @Sendable (RunOutput) -> Bool

  /// So many parts are read at once.
  private static let partsAtOnce = 100

  /// Begins at the first part; those that are not included are passed over.
  init(
    _ store: Store, _ printer: OutputPrinter,
    includes: @escaping @Sendable (RunOutput) -> Bool = { _ in true }
  ) {
    (self.store, self.printer, self.includes) = (store, printer, includes)
  }

  /// Whether there was nothing so far.
  var isEmpty: Bool { last == 0 }

  /// Prints what has come since it was last asked. Returns whether there was something.
  ///
  /// - Parameter beforehand: done before the first of it is printed.
  /// - Throws: a `Fault` of the database.
  mutating func printNew(_ beforehand: () -> Void = {}) throws -> Bool {
    var hasPrinted = false
    while true {
      let parts = try store.read {
        try $0.output.parts(of: printer.run, after: last, limit: Self.partsAtOnce)
      }
      for part in parts where includes(part) {
        if !hasPrinted { beforehand() }
        hasPrinted = true
        printer.print(part)
      }
      last = parts.last?.number ?? last
      if parts.count < Self.partsAtOnce { return hasPrinted }
    }
  }

  /// Prints what was left of lines without an end.
  mutating func finish() { printer.finish() }
}

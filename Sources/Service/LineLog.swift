public import Domain
public import Logging
public import Settings

/// Writes each log entry as one line: for people on a terminal, as a JSON object elsewhere.
public struct LineLog: LogHandler {
  /// What every entry bears.
  public var metadata: Logger.Metadata = [:]
  /// The least that is worth a line.
  public var logLevel: Logger.Level

  private let format: LogSettings.Format
  private let write: @Sendable (String) -> Void
  private let time: any TimeSource

  /// A log to standard output or error.
  public init(
    format: LogSettings.Format, level: LogSettings.Level, stream: StandardStream,
    time: any TimeSource
  ) {
    self.init(format: format, level: level, time: time) { stream.write(line: $0) }
  }

  /// A log through a pump, which never waits for who reads it.
  public init(
    format: LogSettings.Format, level: LogSettings.Level, pump: LogPump, time: any TimeSource
  ) {
    self.init(format: format, level: level, time: time) { pump.add($0) }
  }

  private init(
    format: LogSettings.Format, level: LogSettings.Level, time: any TimeSource,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.format = format
    self.write = write
    self.time = time
    logLevel =
      switch level {
      case .debug: .debug
      case .info: .info
      case .warning: .warning
      case .error: .error
      }
  }

  /// One entry's metadata by key.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes an entry.
  public func log(event: LogEvent) {
    var all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    if let error = event.error { all["error"] = "\(error)" }
    switch format {
    case .text: write(Self.line(time.now, event.level, "\(event.message)", all))
    case .json: write(Self.object(time.now, event.level, "\(event.message)", all))
    }
  }

  /// The line that tells of lines that were dropped.
  public static func dropped(_ lines: Int, _ format: LogSettings.Format, now: Instant) -> String {
    let message = "\(lines) lines of the log were dropped: nobody read it"
    return switch format {
    case .text: line(now, .warning, message, [:])
    case .json: object(now, .warning, message, [:])
    }
  }

  private static let leading = ["job", "slot"]

  private static func ordered(_ metadata: Logger.Metadata) -> [(key: String, value: String)] {
    metadata.map { ($0.key, "\($0.value)") }.sorted { a, b in
      let (x, y) = (leading.firstIndex(of: a.0) ?? 9, leading.firstIndex(of: b.0) ?? 9)
      return (x, a.0) < (y, b.0)
    }
  }

  private static func line(
    _ now: Instant, _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata
  ) -> String {
    let pairs = ordered(metadata).map { " \($0.key)=\($0.value)" }.joined()
    let name = level.rawValue.uppercased()
    let padding = String(repeating: " ", count: max(0, 8 - name.count))
    return "\(now) \(name)\(padding) \(message)\(pairs)"
  }

  private static func object(
    _ now: Instant, _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata
  ) -> String {
    JSONValue.object(
      [
        .init("time", .string("\(now)")), .init("level", .string(level.rawValue)),
        .init("message", .string(message)),
      ] + ordered(metadata).map { .init($0.key, .string($0.value)) }
    ).text()
  }
}

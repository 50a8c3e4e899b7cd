public import ArgumentParser
import Calendars
import Disk
import Domain
import Indicators
import Service
import Venues

/// `carillon indicators compute`
struct IndicatorsComputeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compute", abstract: "Compute indicators from a candle file, as CSV.",
    discussion: """
      --spec is a JSON file of indicators, or calls divided by commas: \
      "rsi(14), macd(12,26,9), ema(12) / ema(26)". A value is empty while its indicator warms up.
      """)

  @Option(help: "A file of indicators, or calls divided by commas.")
  var spec: String

  @Option(
    help: "A candle file: time_ms,open,high,low,close,volume.",
    completion: .file(extensions: ["csv"]))
  var candles: String

  @Option(
    help: ArgumentHelp(
      "What missing candles do: session, carry, missing, reset or bridge; as the jobs, session with "
        + "a calendar and carry without.", valueName: "rule"))
  var gaps: GapRule?

  @Option(help: "The calendar of the market: XNYS, or the path of a calendar file.")
  var calendar: String?

  func validate() throws {
    guard gaps != .session || calendar != nil else {
      throw ValidationError("--gaps session needs --calendar")
    }
  }

  func run() throws {
    let folder = CalendarFolder(beside: "")
    var market: TradingCalendar?
    if let calendar { market = try folder.calendar(calendar) }
    let specification: SpecificationFile
    if TextFile.exists(spec) {
      specification = try SpecificationFile(
        json: Array(try TextFile.read(spec).utf8), file: spec, gapRule: gaps, calendar: market)
    } else {
      specification = try SpecificationFile(
        expression: spec, gapRule: gaps, calendar: market)
    }
    let file = try CandleFile(path: candles, timeframe: CandleFile.anyTimeframe)
    for row in file.rejected { Console.say("\(row.place): left out: \(row.reason)") }
    guard !file.candles.isEmpty else {
      throw Fault("read candles from", candles, cause: "it holds none", exit: .data)
    }
    let features = specification.specification
    var pipeline = FeaturePipeline(features, timeframe: file.shortestDistance)
    let columns = pipeline.append(CandleColumns(file.candles))
    let table = FeatureTable(names: features.names)
    var text = table.header
    for index in file.candles.indices {
      text += table.line(file.candles[index].time, columns.lazy.map { $0[index] })
      if text.utf8.count > Self.chunkBytes {
        Console.out(whole: text)
        try StandardOutput.check()
        text = ""
      }
    }
    Console.out(whole: text)
  }

  private static let chunkBytes = 1 << 20
}

extension GapRule: ExpressibleByArgument {}

import ArgumentParser
import Domain
import Settings
import Store

/// `carillon db stats`
struct DatabaseStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Show how large the database is: its tables and indexes, its log, its cache.")

  @OptionGroup var global: SetupOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let store = try Workspace(global).existingStore()
    let statistics = try store.statistics()
    try store.close()
    if output.json { return Console.out(json(statistics)) }
    if !output.plain {
      Console.out(
        "\(ByteCount(statistics.bytes)) in \(statistics.pages) pages, \(statistics.freePages) of them "
          + "empty; log \(ByteCount(statistics.logBytes)); cache of a connection up to "
          + "\(ByteCount(statistics.cacheBytes))")
    }
    var table = Table("NAME", "OF", ">SIZE", ">USED", ">ENTRIES")
    for part in statistics.parts {
      table.add(
        part.name, part.table ?? "", "\(ByteCount(part.bytes))", "\(ByteCount(part.usedBytes))",
        "\(part.entries)")
    }
    output.print(table)
  }

  private func json(_ statistics: DatabaseStatistics) -> JSONValue {
    .object([
      .init("schema", .string("carillon.db-stats/1")), .init("bytes", .number(statistics.bytes)),
      .init("page_bytes", .number(statistics.pageBytes)), .init("pages", .number(statistics.pages)),
      .init("free_pages", .number(statistics.freePages)),
      .init("log_bytes", .number(statistics.logBytes)),
      .init("cache_bytes", .number(statistics.cacheBytes)),
      .init(
        "parts",
        .array(
          statistics.parts.map { part in
            .object([
              .init("name", .string(part.name)),
              .init("of", part.table.map { .string($0) } ?? .null),
              .init("bytes", .number(part.bytes)), .init("used_bytes", .number(part.usedBytes)),
              .init("entries", .number(part.entries)),
            ])
          })),
    ])
  }
}

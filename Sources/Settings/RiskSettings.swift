public import Domain
import StrictYAML

/// The limits of risk of an account, as the settings say.
public struct RiskSettings: Hashable, Sendable {
  /// One limit.
  public struct Limit: Hashable, Sendable {
    /// What is bounded: `max-drawdown`.
    public var kind: String
    /// The bound: a fraction of the equity, or a number.
    public var bound: Amount
    /// What happens beyond it.
    public var action: Action
    /// The name of the group, for `max-group`.
    public var group: String?
    /// The instruments of the group.
    public var symbols: [Symbol]
  }

  /// What happens when a limit is passed.
  public enum Action: String, CaseIterable, Sendable {
    /// What is not held is not bought.
    case blockEntries = "block-entries"
    /// Nothing is bought.
    case reduceOnly = "reduce-only"
    /// Trading is halted, and working orders are taken back.
    case cancelOrders = "cancel-orders"
    /// And what is held is sold.
    case flatten
  }

  /// The limits, in the order of the table below, groups last.
  public var limits: [Limit] = []

  /// Those whose bound is a part of something, and what they do unless told otherwise.
  private static let fractions: [(key: String, standard: Action)] = [
    ("max-weight", .blockEntries), ("max-exposure", .blockEntries),
    ("max-daily-loss", .reduceOnly), ("max-drawdown", .reduceOnly),
  ]
  /// Those whose bound is a count.
  private static let counts: [(key: String, standard: Action)] = [
    ("max-positions", .blockEntries), ("loss-streak", .reduceOnly),
  ]

  /// No limits.
  public init() {}

  /// Reads `risk:`; every mistake goes to the reader's log.
  init(_ reader: MappingReader) {
    for (key, standard) in Self.fractions where reader.contains(key) {
      add(key, standard, reader) { $0.fraction($1) }
    }
    for (key, standard) in Self.counts where reader.contains(key) {
      add(key, standard, reader) { reader, key in
        reader.integer(key, in: 1...100_000).map { Amount($0) }
      }
    }
    for entry in reader.mapping("groups")?.entries() ?? [] {
      let name = entry.key.text ?? ""
      let group = MappingReader(entry.value, "group \"\(name)\"", log: reader.log)
      let bound = group.fraction("bound")
      let action: Action? = group.choice("action")
      let symbols = group.symbols("symbols") ?? []
      if symbols.isEmpty {
        reader.log.error(at: entry.value, "group \"\(name)\" names no `symbols`")
      }
      group.finish()
      guard let bound else {
        if !group.contains("bound") {
          reader.log.error(at: entry.value, "group \"\(name)\" has no `bound`")
        }
        continue
      }
      limits.append(
        Limit(
          kind: "max-group", bound: bound, action: action ?? .blockEntries, group: name,
          symbols: symbols))
    }
    reader.finish()
  }

  /// A limit is its bound, or a bound with an action: `0.2`, `{ bound: 0.2, action: flatten }`.
  private mutating func add(
    _ key: String, _ standard: Action, _ reader: MappingReader,
    _ read: (MappingReader, String) -> Amount?
  ) {
    guard let node = reader.value(key) else { return }
    guard node.entries != nil else {
      guard let bound = read(reader, key) else { return }
      limits.append(Limit(kind: key, bound: bound, action: standard, group: nil, symbols: []))
      return
    }
    let section = MappingReader(node, "`\(key)`", log: reader.log)
    let bound = read(section, "bound")
    let action: Action? = section.choice("action")
    section.finish()
    guard let bound else {
      if !section.contains("bound") { reader.log.error(at: node, "`\(key)` has no `bound`") }
      return
    }
    limits.append(
      Limit(kind: key, bound: bound, action: action ?? standard, group: nil, symbols: []))
  }
}

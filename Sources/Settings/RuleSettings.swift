public import Domain
import StrictYAML

/// Trading rules of a symbol; nil: as its candles tell them.
public struct RuleSettings: Hashable, Sendable {
  /// The step of prices.
  public var tick: Amount?
  /// The step of quantities.
  public var lot: Amount?
  /// The least value of an order.
  public var minimumNotional: Amount?

  init(_ reader: MappingReader) {
    tick = Self.positive(reader, "tick")
    lot = Self.positive(reader, "lot")
    minimumNotional = Self.positive(reader, "min-notional")
  }

  private static func positive(_ reader: MappingReader, _ key: String) -> Amount? {
    reader.value(key, expected: "an amount above zero") {
      Amount($0).flatMap { $0 > .zero ? $0 : nil }
    }
  }

  /// Reads the rules of a venue's symbols.
  static func all(_ reader: MappingReader) -> [Symbol: RuleSettings] {
    var rules: [Symbol: RuleSettings] = [:]
    for entry in reader.mapping("rules")?.entries() ?? [] {
      guard let symbol = entry.key.text.flatMap({ Symbol($0) }) else {
        reader.log.error(at: entry.key, "a symbol is written like BTC-USDT")
        continue
      }
      let rule = MappingReader(entry.value, "the rules of \(symbol)", log: reader.log)
      rules[symbol] = RuleSettings(rule)
      rule.finish()
    }
    return rules
  }
}

/// How exchanges are reached.
public struct NetworkSettings: Hashable, Sendable {
  /// The address of a proxy; nil: none, whatever the environment says. It may hold a password.
  public var proxy: Secret?
  /// A file of certificates to trust in the place of the system's.
  public var caFile: String?

  init() {}

  init(_ reader: MappingReader, resolve: (String) -> String) {
    if let text = reader.name("proxy") {
      proxy = Secret(text)
      if !["http://", "https://", "socks5://", "socks5h://"].contains(where: text.hasPrefix) {
        reader.log.error(
          at: reader.value("proxy") ?? reader.node,
          "`proxy` must start with http://, https://, socks5:// or socks5h://")
      }
    }
    caFile = reader.name("ca-file").map(resolve)
    reader.finish()
  }
}

import Domain
import StrictYAML

extension AccountSettings {
  /// Where orders go.
  public enum Execution: Hashable, Sendable {
    /// To the paper venue.
    case paper
    /// To an exchange's test network, or to an exchange in the box.
    case test(ExchangeAccess)
    /// Nowhere: prices and balances are those of an exchange, each plan goes through every gate, and what
    /// would be sent is held against later prices.
    case shadow(ExchangeAccess)
    /// To an exchange, with real money, once the account is armed; or to an exchange in the box, to
    /// rehearse all that.
    case live(ExchangeAccess)

    /// With what it trades; nil on paper.
    public var access: ExchangeAccess? {
      switch self {
      case .paper: nil
      case .test(let access), .shadow(let access), .live(let access): access
      }
    }
  }

  /// With what an account trades at an exchange.
  public struct ExchangeAccess: Hashable, Sendable {
    /// The file with the public half of the key.
    public var keyFile: String
    /// The file with its secret: the text that the exchange gave, or a private key of Ed25519 in PEM.
    public var secretFile: String
    /// Whether a person has looked that the key may not withdraw, where the exchange does not tell.
    public var isConfirmed = false
  }

  /// The modes of an account.
  enum Mode: String, CaseIterable { case paper, test, shadow, live }

  /// The word of a person on what an exchange does not tell.
  private enum Word: String, CaseIterable { case confirmed }

  /// Whether its orders cost real money.
  public var isLive: Bool { if case .live = execution { true } else { false } }

  /// Whether it plans at an exchange and sends nothing.
  public var isShadow: Bool { if case .shadow = execution { true } else { false } }

  /// Whether its books are of real money: what is a shadow now may trade later, under the same name.
  public var isReal: Bool { isLive || isShadow }

  /// How orders are executed, for people.
  public var modeText: String {
    switch execution {
    case .paper: Mode.paper.rawValue
    case .test: Mode.test.rawValue
    case .shadow: Mode.shadow.rawValue
    case .live: Mode.live.rawValue
    }
  }

  /// Why its orders may not leave; nil when they may.
  ///
  /// - Parameters:
  ///   - name: the account's.
  ///   - armed: the accounts that the environment arms.
  public func disarmed(_ name: String, armed: Set<String>) -> String? {
    isLive && !armed.contains(name) ? "\(LiveArming.variable) does not name `\(name)`" : nil
  }

  static func execution(
    _ reader: MappingReader, _ resolve: (String) -> String
  ) -> Execution {
    let mode = reader.choice("mode", Mode.self) ?? .paper
    guard mode != .paper else { return .paper }
    let access = ExchangeAccess(
      keyFile: reader.name("key-file", required: true).map(resolve) ?? "",
      secretFile: reader.name("secret-file", required: true).map(resolve) ?? "",
      isConfirmed: reader.choice("permissions", Word.self) == .confirmed)
    switch mode {
    case .paper: return .paper
    case .test: return .test(access)
    case .shadow: return .shadow(access)
    case .live: return .live(access)
    }
  }

  /// Reads the caps that real money must have. They stand beside the account's other bounds, and the
  /// tighter one holds.
  mutating func readCaps(_ reader: MappingReader) {
    func tighter<T: Comparable>(_ a: T?, _ b: T?) -> T? {
      guard let a, let b else { return a ?? b }
      return min(a, b)
    }
    limits.order = tighter(limits.order, reader.positive("max-order", required: isLive))
    limits.day = tighter(limits.day, reader.positive("max-day", required: isLive))
    if isLive { _ = reader.value("max-orders-per-day", required: true) }
    limits.ordersPerDay = tighter(
      limits.ordersPerDay, reader.integer("max-orders-per-day", in: 1...1_000_000))
    maximumLiveEquity = reader.positive("max-live-equity")
    cancelAllAfter = reader.span("cancel-all-after", in: Self.shortestSwitch...Self.longestSwitch)
    shadowSlots = reader.integer("shadow-slots", in: 0...100_000)
    guard isReal else { return }
    if limits.collar == nil { limits.collar = Self.standardCollar }
    if venue == nil { _ = reader.value("venue", required: true) }
  }

  /// The spans after which an exchange may cancel all orders: it hears of a rebalance thrice in each.
  static let shortestSwitch = TimeSpan.seconds(30)
  static let longestSwitch = TimeSpan.hours(1)

  /// How far the price of an order of real money may lie from the quote, unless it is said.
  static let standardCollar = Amount(units: 50_000_000_000)  // 0.05
}

public import Domain

/// A bound on what may happen to an account, and what happens when it is passed.
public struct RiskLimit: Hashable, Sendable {
  /// What is bounded.
  public enum Kind: String, CaseIterable, Sendable {
    /// The weight of the largest holding.
    case weight = "max-weight"
    /// How many instruments are held.
    case positions = "max-positions"
    /// The worth of all holdings, as a fraction of the equity.
    case exposure = "max-exposure"
    /// The worth of the holdings of a group of instruments that move together.
    case group = "max-group"
    /// What was lost since the day began, as a fraction of what there was then.
    case dailyLoss = "max-daily-loss"
    /// What was lost since the highest equity, as a fraction of it.
    case drawdown = "max-drawdown"
    /// How many days in a row ended lower than they began.
    case lossStreak = "loss-streak"

    /// Whether a person may re-arm it: those that count a loss from a baseline. The others look at the
    /// holdings alone, and would be passed again at the next look.
    public var isRearmedByHand: Bool {
      switch self {
      case .weight, .positions, .exposure, .group: false
      case .dailyLoss, .drawdown, .lossStreak: true
      }
    }

    /// When what it did is over.
    public var rearms: String {
      switch self {
      case .weight, .positions, .exposure, .group: "at once, when the holdings are within it"
      case .dailyLoss: "when somebody re-arms it, or the next day begins"
      case .drawdown: "when somebody re-arms it, or the equity is within half of it"
      case .lossStreak: "when somebody re-arms it, or a day ends higher"
      }
    }
  }

  /// What happens when it is passed; each does what those before it do.
  public enum Action: String, CaseIterable, Comparable, Sendable {
    /// What is not held is not bought.
    case blockEntries = "block-entries"
    /// Nothing is bought.
    case reduceOnly = "reduce-only"
    /// Trading is halted, and working orders are taken back.
    case cancelOrders = "cancel-orders"
    /// And what is held is sold.
    case flatten

    /// Orders by how far it goes.
    public static func < (a: Action, b: Action) -> Bool {
      (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
  }

  /// What is bounded.
  public var kind: Kind
  /// The group, for `max-group`.
  public var group: String?
  /// The instruments of the group.
  public var members: Set<Symbol>
  /// The bound: a fraction of the equity, or a number.
  public var bound: Amount
  /// What happens beyond it.
  public var action: Action

  /// A limit of these parts.
  public init(
    _ kind: Kind, bound: Amount, action: Action, group: String? = nil, members: Set<Symbol> = []
  ) {
    self.kind = kind
    self.bound = bound
    self.action = action
    self.group = group
    self.members = members
  }

  /// Its name: `max-drawdown`, `max-group layer1`.
  public var name: String { group.map { "\(kind.rawValue) \($0)" } ?? kind.rawValue }
}

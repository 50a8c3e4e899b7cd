import Domain

/// What a plan is called before it is on record: digests of all that it is made from and of what it
/// comes to. So nothing has to be kept to tell later whether the same plan would be made, and if not,
/// by what it differs.
///
/// `plan-` and four characters for each part, hyphens between: 20 bits each, so that a part that
/// changed is overlooked once in a million times, and hardly ever together with the decisions. The time
/// of the slot is no part: what it changes (a price too old to trade on) shows in the decisions.
public struct PlanID: Hashable, Sendable, CustomStringConvertible {
  /// A part of what a plan is made from, or what it comes to; in the order of the text.
  public enum Part: String, CaseIterable, Sendable {
    /// The last prices, and the returns that a sizing looks at.
    case prices
    /// The scores, and what has none.
    case scores
    /// Cash, positions and what works.
    case holdings
    /// The instruments on the list, their trading rules, and what is barred.
    case rules
    /// What a limit of risk or a halt forbids or demands.
    case limits
    /// The account and the parameters of the job.
    case settings
    /// What the plan decides.
    case decisions
  }

  private var digests: [String]
  private static let charactersOfPart = 4
  private static let prefix = "plan"

  /// The id of a plan and what it is made from.
  public init(_ input: RebalancePlan.Input, _ plan: RebalancePlan) {
    digests = Part.allCases.map {
      ShortDigest.of(
        Self.lines($0, input, plan).joined(separator: "\n"), characters: Self.charactersOfPart)
    }
  }

  /// Reads what `description` wrote; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == Part.allCases.count + 1, parts[0] == Self.prefix,
      parts.dropFirst().allSatisfy({
        ShortDigest.couldBe($0, characters: Self.charactersOfPart)
      })
    else { return nil }
    digests = parts.dropFirst().map(String.init)
  }

  /// `plan-k3vq-...`.
  public var description: String { ([Self.prefix] + digests).joined(separator: "-") }

  /// In which parts another plan differs.
  public func differences(from other: PlanID) -> [Part] {
    zip(Part.allCases, zip(digests, other.digests)).filter { $0.1.0 != $0.1.1 }.map(\.0)
  }

  /// What a part is made of, in an order that does not depend on that of a dictionary.
  private static func lines(
    _ part: Part, _ input: RebalancePlan.Input, _ plan: RebalancePlan
  ) -> [String] {
    let book = input.book
    switch part {
    case .prices:
      return input.rates.map { "\($0.key) \($0.value.price)" }.sorted()
        + input.facts.returns.map { "\($0.key) \($0.value.map(\.bitPattern))" }.sorted()
    case .scores:
      return input.scores.map { "\($0.key) \($0.value.bitPattern)" }.sorted()
        + input.silences.map { "\($0.key) \($0.value)" }.sorted()
    case .holdings:
      return book.cash.map { "\($0.key) \($0.value)" }.sorted()
        + book.positions.map { "\($0.key) \($0.value.quantity)" }.sorted()
        + book.working.map { "\($0.order.id) \($0.order.state) \($0.open)" }.sorted()
    case .rules:
      let members = Set(input.members)
      let concerned = members.union(book.positions.keys)
      return concerned.sorted().map { symbol in
        let rules = input.instruments[symbol].map {
          "\($0.tick) \($0.lot) \($0.minimumNotional) \($0.filters.json.text())"
        }
        return
          "\(symbol) \(members.contains(symbol)) \(rules ?? "none") \(input.barred[symbol] ?? "")"
      }
    case .limits: return [input.restraint.map { "\($0)" } ?? "none"]
    case .settings:
      let rule = input.rule
      return [
        book.account, book.quote, input.slot.job.text, "\(rule.top)", rule.weighting.rawValue,
        "\(rule.maximumWeight)", "\(rule.cashBuffer)", "\(rule.threshold.bitPattern)",
        rule.bet.map { "\($0.payoff.bitPattern) \($0.fraction.bitPattern)" } ?? "none",
        "\(input.band)", "\(input.minimumNotional)", "\(input.costs.fee)",
        "\(input.costs.slippage)", input.limitOffset.map { "\($0)" } ?? "market",
      ]
    case .decisions:
      return plan.lines.map { "\($0.symbol) \($0.target.weight) \($0.decision)" }
        + plan.orders.map {
          "\($0.side) \($0.quantity) \($0.key.symbol) \($0.limit.map { "\($0)" } ?? "market")"
        }
    }
  }
}

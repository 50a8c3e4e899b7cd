import Domain
import Portfolio
import Testing

/// The id of a plan tells whether the same plan would be made again, and if not, by what it differs.
@Suite struct PlanIDTests {
  private static let world = PlanWorld(
    prices: ["A": "10", "B": "7"], scores: ["A": 1, "B": 2], held: ["A": "3"], cash: "1000", top: 2,
    buffer: "0.1")

  private func id(
    _ world: PlanWorld = world, _ change: (inout RebalancePlan.Input) throws -> Void = { _ in }
  ) throws -> PlanID {
    let input = try world.input(change)
    return PlanID(input, try RebalancePlan(input))
  }

  @Test func isTheSameOfTheSameAndReadsItself() throws {
    let id = try id()
    #expect(try self.id() == id)
    #expect(PlanID("\(id)") == id)
    #expect("\(id)".utf8.count == 39)
    // A later slot is no other plan, as long as it comes to the same.
    #expect(
      try self.id { $0.slot = Slot(job: $0.slot.job, time: $0.slot.time + .seconds(30)) } == id)
    for text in ["", "plan", "plan-aaaa", "\(id)a", "\(id)-aaaa", "\(id)".uppercased(), "x\(id)"] {
      #expect(PlanID(text) == nil)
    }
  }

  /// The world with one change.
  private static func changed(_ change: (inout PlanWorld) -> Void) -> PlanWorld {
    var other = world
    change(&other)
    return other
  }

  @Test(arguments: [
    ([PlanID.Part.prices, .decisions], changed { $0.prices["B"] = "7.5" }),
    // A score that keeps its rank decides nothing.
    ([.scores], changed { $0.scores["B"] = 2.5 }),
    ([.scores, .decisions], changed { $0.scores["B"] = -1 }),
    ([.holdings, .decisions], changed { $0.cash = "900" }),
    ([.rules, .decisions], changed { $0.lot = "0.1" }),
    ([.settings, .decisions], changed { $0.top = 1 }),
    ([.settings], changed { $0.band = "0.02" }),
  ])
  func tellsWhatChanged(_ parts: [PlanID.Part], _ other: PlanWorld) throws {
    #expect(try id(other).differences(from: try id()) == parts)
  }

  /// A price that grew too old to trade on is the same price: the decisions tell.
  @Test func tellsWhatTimeAndLimitsChanged() throws {
    let stale = try id { $0.freshSince = $0.slot.time + .milliseconds(1) }
    #expect(stale.differences(from: try id()) == [.decisions])
    let restrained = try id { $0.restraint = .noPurchases("risk: x") }
    #expect(restrained.differences(from: try id()) == [.limits, .decisions])
  }
}

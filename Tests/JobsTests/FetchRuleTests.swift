import Domain
import Store
import Testing

@testable import Jobs

/// The rules of fetching, apart from sources and database.
@Suite struct FetchRuleTests {
  @Test(
    arguments: [
      // close, the one before, the one after -> what becomes of it, with a factor of 3
      (100, nil, nil, .believed), (299, 100, nil, .believed), (34, 100, nil, .believed),
      (300, 100, nil, .held), (33, 100, nil, .held), (300, 100, 250, .believed),
      (300, 100, 100, .refused), (33, 100, 100, .refused), (33, 100, 30, .believed),
      (1e300, 1e-300, nil, .held), (300, 100, 90_000, .refused),
    ] as [(Double, Double?, Double?, MoveGuard.Answer)])
  func movesAreBelievedWithinAFactor(
    _ close: Double, _ previous: Double?, _ following: Double?, _ answer: MoveGuard.Answer
  ) {
    let moves = MoveGuard(factor: 3)
    #expect(moves.judge(close, previous: previous, following: following) == answer)
  }

  @Test(
    arguments: [
      // timeframe, longest gap, allowed, age -> verdict
      ("1h", 1, nil, 3, "fresh"), ("1h", 1, nil, 4, "stale"), ("1h", 1, nil, 168, "stale"),
      ("1h", 1, nil, 169, "ended"), ("1h", 1, 240, 240, "fresh"), ("1h", 1, 240, 241, "stale"),
      // Shares: a long weekend among the last candles is four days from opening to opening.
      ("1d", 96, nil, 215, "fresh"), ("1d", 96, nil, 217, "stale"), ("1d", 96, nil, 900, "ended"),
      // Shares by the hour: nights and weekends.
      ("1h", 66, nil, 66, "fresh"), ("1h", 66, nil, 134, "stale"),
    ] as [(String, Int64, Int64?, Int64, String)])
  func theNewestCandleHasAnAge(
    _ timeframe: String, _ gap: Int64, _ allowed: Int64?, _ age: Int64, _ verdict: String
  ) throws {
    let timeframe = try #require(Timeframe(timeframe))
    let found = SeriesAge(
      .hours(age), of: timeframe, longestGap: .hours(gap), allowed: allowed.map { .hours($0) })
    #expect("\(found)".hasPrefix(verdict), "\(found)")
  }
}

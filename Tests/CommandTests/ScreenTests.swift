import Domain
import Testing

@testable import carillon

/// What people see: tables that fit, words that are broken, states that are coloured, times in one form.
@Suite struct ScreenTests {
  private static var table: Table {
    var table = Table("JOB", "STATE", ">TOOK", "RESULT")
    table.add(
      "rebalance", "failed", "3.9s", "the venue does not answer, and this is a long story of it")
    table.add("fetch", "succeeded", "1.1s", "5 series")
    return table
  }

  @Test(arguments: [40, 60, 80, 200])
  func aTableFits(columns: Int) {
    let lines = Self.table.lines(on: Screen(columns: columns, isColored: false))
    #expect(lines.allSatisfy { $0.count <= columns }, "\(lines)")
    #expect(lines.joined().contains("fetch") && lines.joined().contains("succeeded"))
  }

  /// 9 + 9 + 4 + 6 of the titles and words, three gaps of two: 40 columns leave 12 for the result.
  @Test func theWidestColumnGivesWay() {
    let lines = Self.table.lines(on: Screen(columns: 40, isColored: false))
    #expect(
      lines == [
        "JOB        STATE      TOOK  RESULT",
        "rebalance  failed     3.9s  the venue d…",
        "fetch      succeeded  1.1s  5 series",
      ])
  }

  @Test func whatNeverFitsBecomesCards() {
    var table = Table(">A", ">B", ">C", ">D", ">E", "STATE")
    table.add("1000000000", "2000000000", "3000000000", "4000000000", "5000000000", "ok")
    #expect(
      table.lines(on: Screen(columns: 40, isColored: false)) == [
        "A      1000000000", "B      2000000000", "C      3000000000", "D      4000000000",
        "E      5000000000", "STATE  ok",
      ])
  }

  @Test func statesAreColoredAndNothingElse() {
    let lines = Self.table.lines(on: Screen(columns: 200, isColored: true))
    #expect(lines[1].hasPrefix("rebalance  \u{1B}[31mfailed\u{1B}[0m     3.9s"))
    #expect(lines[2].contains("\u{1B}[32msucceeded\u{1B}[0m"))
    #expect(!lines[0].contains("\u{1B}"))
    #expect(
      !Self.table.lines(plain: true, on: Screen(columns: 40, isColored: true))[1].contains("\u{1B}")
    )
  }

  @Test func wordsAreBrokenAtSpaces() {
    let screen = Screen(columns: 40, isColored: false)
    let text = "fail  infer  stale: last success 2026-11-20 12:01:09Z, due 13:01:08Z and grace 10m"
    #expect(
      screen.wrapped(text, indent: 13) == [
        "fail  infer  stale: last success",
        "             2026-11-20 12:01:09Z, due",
        "             13:01:08Z and grace 10m",
      ])
    #expect(Screen.none.wrapped(text) == [text])
  }

  /// 2026-11-20 is winter in Paris: UTC+1.
  @Test func timesInSentencesAreLocal() throws {
    let clock = Clock(zone: try ZoneDatabase.zone("Europe/Paris"))
    #expect(
      clock.localised("due 2026-11-20T12:01:08.250Z; run carillon why fetch@2026-11-20T12:01:00Z")
        == "due 2026-11-20 13:01:08 CET; run carillon why fetch@2026-11-20T12:01:00Z")
    #expect(
      Clock(zone: .utc).localised("--at 2026-11-20T12:01:00Z after 2026-11-20T12:01:00Z")
        == "--at 2026-11-20T12:01:00Z after 2026-11-20 12:01:00Z")
  }
}

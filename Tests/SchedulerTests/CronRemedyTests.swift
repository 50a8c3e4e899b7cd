import Scheduler
import Testing

/// A remedy that proposes an expression proposes one that is read.
@Suite struct CronRemedyTests {
  /// What people write who come from elsewhere, and the expression that is proposed, if one is.
  static let foreign: [(String, String?)] = [
    ("0 6,18 * * * Asia/Manila", "0 6,18 * * *"), ("CRON_TZ=Asia/Tokyo 0 6 * * *", "0 6 * * *"),
    ("TZ=Europe/Paris 30 9 * * 1-5", "30 9 * * 1-5"), ("0 48 17 ? * WED", "48 17 * * WED"),
    ("0 0 12 * * ?", "0 12 * * *"), ("0 30 9 * * 1-5", "30 9 * * 1-5"),
    ("30 9 * * 1-5 2026", "30 9 * * 1-5"), ("99 99 99 99 99 99", nil), ("a b c d e f", nil),
    ("0 15 10 L * ?", "15 10 L * *"), ("0 0 0 LW * ?", nil),
  ]

  @Test(arguments: foreign) func sixWordsAreReadTheirWay(_ text: String, _ proposed: String?) throws
  {
    let error = try #require(throws: CronSyntaxError.self) { try CronExpression(text) }
    let mend = try #require(error.mend)
    if let proposed {
      #expect(mend.contains("\"\(proposed)\""), "\(mend)")
    } else {
      #expect(!mend.contains("\""), "\(mend)")
    }
  }

  /// Every remedy of the tables of mistakes is tried.
  @Test(arguments: CronSyntaxErrorTests.rows.map(\.text) + foreign.map(\.0))
  func noRemedyIsRefusedInTurn(_ text: String) throws {
    let error = try #require(throws: CronSyntaxError.self) { try CronExpression(text) }
    // Quoted expressions, and @every of some span.
    let parts = (error.mend ?? "").split(separator: "\"", omittingEmptySubsequences: false)
    var proposals = parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
    if let every = parts.first?.firstRange(of: "@every ") {
      let span = parts[0][every.upperBound...].prefix { $0 != " " && $0 != "," }
      proposals.append("@every \(span)")
    }
    for proposal in proposals {
      #expect(throws: Never.self, "\(text): \(proposal)") { try CronExpression(proposal) }
    }
  }
}

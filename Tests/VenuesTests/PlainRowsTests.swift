import Domain
import Foundation
import Testing

@testable import Venues

/// Rows of candles that are taken from their bytes make the same of an answer as rows that become values
/// first: the same candles, the same rows set apart, the same words.
@Suite struct PlainRowsTests {
  static let count = ProcessInfo.processInfo.environment["MUTATIONS"].flatMap { Int($0) } ?? 300

  private func outcome(_ bytes: [UInt8], plain: Bool) -> Result<CandleBatch, TestFault> {
    let start = Instant(milliseconds: BinanceMarketTests.start)
    var rows = CandleRows(
      .init(
        series: "ETHBTC 5m", timeframe: Timeframe("5m")!, start: start, end: start + .minutes(15),
        limit: 4), in: BinanceKlines.dialect)
    do {
      let isList = try JSONValue.forEachElement(
        in: bytes, maximumElementBytes: CandleRows.maximumRowBytes,
        fields: plain ? { try rows.takePlain(&$0) } : nil, { try rows.take($0) })
      guard isList else { return .failure(TestFault(text: "no list")) }
      return .success(try rows.batch())
    } catch {
      return .failure(TestFault(text: "\(error)"))
    }
  }

  private struct TestFault: Error, Hashable { var text: String }

  @Test func agreeOnMutatedAnswers() {
    let text = BinanceMarketTests.rows([0, 1, 2, 3])
    var (batches, rejected) = (0, 0)
    for bytes in ReplyMutations(of: text, count: Self.count * 10, seed: 7) {
      let (one, other) = (outcome(bytes, plain: true), outcome(bytes, plain: false))
      #expect(one == other, "\(String(decoding: bytes, as: UTF8.self))")
      guard case .success(let batch) = one else { continue }
      batches += 1
      rejected += batch.rejected.count
    }
    // Of both kinds enough to say something.
    #expect(batches > Self.count && rejected > Self.count / 10)
  }

  @Test func takeTheRowsOfTheDocumentation() throws {
    var taken = 0
    _ = try JSONValue.forEachElement(
      in: Array(BinanceMarketTests.rows([0, 1]).utf8), maximumElementBytes: 4096,
      fields: { fields in
        let candle = BinanceKlines.dialect.plainCandle(&fields, Timeframe("5m")!)
        #expect(candle?.volume == 148976.11427815 && candle?.low == 0.015758)
        taken += candle == nil ? 0 : 1
        return candle != nil
      }, { _ in })
    #expect(taken == 2)
  }
}

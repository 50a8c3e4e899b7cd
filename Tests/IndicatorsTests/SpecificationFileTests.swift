import Domain
import Indicators
import Testing

/// Specifications in files and on command lines, and the table that comes of them.
@Suite struct SpecificationFileTests {
  static func file(_ text: String) throws(Fault) -> SpecificationFile {
    try SpecificationFile(json: Array(text.utf8), file: "spec.json")
  }

  @Test func keepsTheOrderOfTheFile() throws {
    let file = try Self.file(
      """
      {"note": 1, "indicators": {
        "Z": {"function": "SMA", "params": {"timeperiod": 3}, "inputs": {"price": "high"}},
        "A": {"function": "macd", "params": {}},
        "B": {"function": "BBANDS", "params": {"matype": "ema"}, "outputs": ["lowerband"]},
        "O": {"function": "OBV", "inputs": {"price": "close", "prices": ["volume"]}},
        "C": {"function": "CORREL", "inputs": {"price0": "close", "price1": "volume"}}}}
      """)
    #expect(
      file.header == [
        "time_ms", "Z", "A.macd", "A.macdsignal", "A.macdhist", "B.lowerband", "O", "C",
      ])
    let text = file.specification.canonicalText
    #expect(text.contains("Z: sma@1(timeperiod=3,price=high)\n"))
    #expect(text.contains("O: obv@1(price=close,volume=volume)\n"))
    #expect(text.contains("C: correl@2(timeperiod=30,price0=close,price1=volume)\n"))
  }

  @Test(arguments: [
    // text, line, column
    ("", 1, 1), ("[]", 1, 1), ("{}", 1, 1), (#"{"indicators": 3}"#, 1, 1),
    (#"{"indicators": {"A": 3}}"#, 1, 22),
    (#"{"indicators": {"A": {}}}"#, 1, 22),
    ("{\"indicators\": {\n\"A\": {\"function\": \"SMAA\"}}}", 2, 19),
    (#"{"indicators": {"A": {"function": "SMA", "parms": {}}}}"#, 1, 51),
    (#"{"indicators": {"A": {"function": "SMA", "params": {"timeperiod": 0}}}}"#, 1, 67),
    (#"{"indicators": {"A": {"function": "SMA", "params": {"timeperiod": null}}}}"#, 1, 67),
    (#"{"indicators": {"A": {"function": "SMA", "params": {"period": 3}}}}"#, 1, 63),
    (#"{"indicators": {"A": {"function": "SMA", "inputs": {"price": "hi"}}}}"#, 1, 62),
    (#"{"indicators": {"A": {"function": "SMA", "inputs": {"prices": ["high"]}}}}"#, 1, 63),
    (#"{"indicators": {"A": {"function": "SMA", "outputs": ["x"]}}}"#, 1, 54),
    (#"{"indicators": {"A": {"function": "SMA"}, "A": {"function": "EMA"}}}"#, 1, 43),
  ])
  func refusesWithAPlace(text: String, line: Int, column: Int) {
    do throws(Fault) {
      _ = try Self.file(text)
      Issue.record("\(text) was read")
    } catch {
      #expect(error.location == SourceLocation(file: "spec.json", line: line, column: column))
      #expect(error.exit == .data)
    }
  }

  @Test func expandsCallsOfAnExpression() throws {
    let file = try SpecificationFile(
      expression: "rsi(14), macd(12, 26, 9) ,bbands().upperband, ema(12) / ema(26)")
    #expect(
      file.header == [
        "time_ms", "rsi(14)", "macd(12,26,9).macd", "macd(12,26,9).macdsignal",
        "macd(12,26,9).macdhist", "bbands().upperband", "ema(12)/ema(26)",
      ])
  }

  @Test(arguments: [
    ("", 1), ("rsi(14),", 9), ("rsx(14)", 1), ("close, macd() + 1", 8), ("close,close", 1),
    ("rsi(14) rsi(2)", 9),
  ])
  func refusesExpressions(text: String, column: Int) {
    do throws(Fault) {
      _ = try SpecificationFile(expression: text)
      Issue.record("\(text) was read")
    } catch {
      #expect(error.location?.column == column, "\(text): \(error)")
      #expect(error.exit == .usage)
    }
  }

  @Test func writesTheShortestDigitsAndNothingForWhatIsMissing() {
    let table = FeatureTable(names: ["a", "b"])
    #expect(table.header == "time_ms,a,b\n")
    let time = Instant(milliseconds: 1_515_560_100_000)
    #expect(table.line(time, [0.1, .nan]) == "1515560100000,0.1,\n")
    #expect(table.line(time, [1e-7, 100]) == "1515560100000,1e-07,100.0\n")
  }

  /// Whatever a specification is changed to, reading it ends in a specification or in a complaint.
  @Test(arguments: 0..<8 as Range<UInt64>)
  func survivesMutations(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let bytes = try readBytes(GoldenTests.folder + "params.json")
    let start = Array(bytes.prefix(1500)) + Array("}}".utf8)
    for _ in 0..<250 {
      var mutated = start
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<mutated.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: mutated[place] = UInt8.random(in: 0...255, using: &random)
        case 1: mutated.remove(at: place)
        case 2:
          mutated.insert(
            contentsOf: Array(#""0,:{}[]-9"#.utf8).shuffled(using: &random).prefix(2), at: place)
        default: mutated = Array(mutated.prefix(place + 1))
        }
      }
      do throws(Fault) {
        _ = try SpecificationFile(json: mutated, file: "spec.json")
      } catch {
        #expect(error.location != nil, "seed \(seed): \(error)")
      }
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func survivesMutatedExpressions(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let start = Array(
      "cs_rank(macd(12,26,9).macdhist / (ema(12, price=hl2) - -1.5e3) * log(abs(close)))")
    let alphabet = Array("()+-*/,.=0123456789aemcslog_ é\u{0}")
    for _ in 0..<500 {
      var mutated = start
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        let place = Int.random(in: 0..<mutated.count, using: &random)
        let character = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
        if Bool.random(using: &random) {
          mutated[place] = character
        } else {
          mutated.insert(character, at: place)
        }
      }
      do throws(FeatureSyntaxError) {
        let specification = try FeatureSpecification([("f", String(mutated))])
        #expect(specification.warmup >= 0)
      } catch {
        #expect(
          error.columns.lowerBound >= 0 && error.columns.lowerBound <= mutated.count,
          "seed \(seed): \(String(mutated)): \(error)")
      }
    }
  }
}

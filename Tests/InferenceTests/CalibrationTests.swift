import Domain
import Inference
import Testing

/// What a model's file says that its scores are, in each format, and what it may not say.
@Suite struct CalibrationTests {
  /// A model of a format, and the same with `calibrated` set to a word.
  struct Format: CustomTestStringConvertible {
    var name: String
    var text: String
    var mark: @Sendable (String) -> (from: String, to: String)
    var testDescription: String { name }

    func bytes(_ word: String?) -> [UInt8] {
      guard let word else { return Array(text.utf8) }
      let (from, to) = mark(word)
      precondition(text.contains(from))
      return Array(text.replacing(from, with: to, maxReplacements: 1).utf8)
    }
  }

  static func formats() throws -> [Format] {
    func golden(_ name: String) throws -> String {
      String(decoding: try GoldenFile.bytes("\(GoldenFile.folder)/\(name)"), as: UTF8.self)
    }
    return [
      Format(
        name: "linear",
        text: #"{"kind": "linear", "version": 1, "features": ["a"], "weights": [1]}"#,
        mark: { (#""version": 1"#, #""version": 1, "calibrated": "\#($0)""#) }),
      Format(
        name: "rules", text: "rules: 1\nfeatures: a\nscore: a > 0 ? 0.6 : 0.4\n",
        mark: { ("features: a\n", "features: a\ncalibrated: \($0)  # on 2025\n") }),
      // LightGBM 4.7 itself reads over the line: its predictions are the same with it.
      Format(
        name: "lightgbm", text: try golden("lgb_binary.txt"),
        mark: { ("version=v4\n", "version=v4\ncalibrated=\($0)\n") }),
      // As Booster.set_attr(calibrated="probability") writes it.
      Format(
        name: "xgboost", text: try golden("xgb_base_every_3_2.json"),
        mark: { (#""attributes":{}"#, #""attributes":{"calibrated":"\#($0)"}"#) }),
    ]
  }

  @Test(arguments: try formats())
  func isTakenFromTheFile(_ format: Format) throws {
    #expect(try Model.load(format.bytes(nil), file: "m").calibration == nil)
    #expect(try Model.load(format.bytes("probability"), file: "m").calibration == .probability)
    let fault = #expect(throws: Fault.self) {
      try Model.load(format.bytes("certainty"), file: "m")
    }
    #expect(fault?.cause == "'calibrated' can only be 'probability'")
    #expect(fault?.location != nil)
  }

  /// The description beside the weights of an LSTM says it; the weights' own `config` is kept.
  @Test func anLSTMSaysItInItsDescription() throws {
    let weights = try GoldenFile.bytes("\(GoldenFile.folder)/lstm_plain.safetensors")
    let length = weights.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSONValue.parse(Array(weights[8..<8 + length]))
    let config = try #require(header["__metadata__"]?["config"]?.string)
    for (word, expected) in [
      ("", nil), (#""calibrated": "probability","#, Calibration.probability),
    ] {
      let description = Array("{\(word) \"config\": \(config)}".utf8)
      let model = try Model.load(
        weights, file: "l.safetensors", description: (bytes: description, file: "l.json"))
      #expect(model.calibration == expected)
    }
  }
}

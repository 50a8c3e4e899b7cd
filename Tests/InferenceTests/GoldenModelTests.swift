import Domain
import Testing

@testable import Inference

/// Small models of every kind with the scores that LightGBM, XGBoost and the definition of an LSTM
/// give to plain and odd rows, as `scripts/golden_models.py` made them.
@Suite("Golden models")
struct GoldenModelTests {
  static let folder = GoldenFile.folder

  @Test(
    "LightGBM: raw scores bit for bit, predictions within 1e-15",
    arguments: GoldenFile.names(in: folder, ending: ".txt"))
  func lightGBM(_ name: String) throws {
    let model = try Model.load(
      try GoldenFile.bytes("\(Self.folder)/\(name).txt"), file: "\(name).txt")
    let inputs = try NumberTable("\(Self.folder)/inputs.csv")
    let golden = try NumberTable("\(Self.folder)/\(name).csv")
    #expect(model.featureNames == inputs.header)
    #expect(PredictionTable(model).header == golden.header)
    for (row, expected) in zip(inputs.rows, golden.rows) {
      let raw = model.predict(row)
      #expect(areIdentical(raw, Array(expected.prefix(raw.count))), "\(row)")
      for (ours, theirs) in zip(model.transform(raw), expected.dropFirst(raw.count)) {
        #expect(areClose(ours, theirs, relative: 1e-15))
      }
    }
    let expected = golden.rows.flatMap { $0.prefix(model.outputCount) }
    #expect(areIdentical(model.predictBatch(inputs.rows), expected))
  }

  @Test(
    "XGBoost: margins single by single, predictions within an ulp",
    arguments: [".json", ".ubj"].flatMap { ending in
      GoldenFile.names(in: folder, ending: ending).map { $0 + ending }
    })
  func xgboost(_ file: String) throws {
    let model = try Model.load(try GoldenFile.bytes("\(Self.folder)/\(file)"), file: file)
    let inputs = try NumberTable("\(Self.folder)/inputs_finite.csv")
    let golden = try NumberTable("\(Self.folder)/\(file.prefix { $0 != "." }).csv")
    #expect(model.featureNames == inputs.header)
    #expect(PredictionTable(model).header == golden.header)
    for (row, expected) in zip(inputs.rows, golden.rows) {
      let raw = model.predict(row)
      let singles = expected.prefix(raw.count).map { Double(Float($0)) }
      #expect(areIdentical(raw, singles), "\(row)")
      for (ours, theirs) in zip(model.transform(raw), expected.dropFirst(raw.count)) {
        #expect(areClose(ours, Double(Float(theirs)), relative: 1.2e-7))
      }
    }
    let singles = golden.rows.flatMap { $0.prefix(model.outputCount).map { Double(Float($0)) } }
    #expect(areIdentical(model.predictBatch(inputs.rows), singles))
  }

  /// All rounds above; here those up to the best, as XGBoost's `iteration_range` picks them.
  @Test("XGBoost: rounds up to the best", arguments: ["2_1", "3_2"])
  func roundsUpToTheBest(_ version: String) throws {
    let file = "xgb_base_stopped_\(version)"
    let bytes = try GoldenFile.bytes("\(Self.folder)/\(file).json")
    let best = try Model.load(bytes, file: file, rounds: .best)
    let inputs = try NumberTable("\(Self.folder)/inputs_finite.csv")
    let golden = try NumberTable("\(Self.folder)/\(file).best")
    let singles = golden.rows.flatMap { $0.prefix(1).map { Double(Float($0)) } }
    #expect(areIdentical(best.predictBatch(inputs.rows), singles))
    let all = try Model.load(bytes, file: file)
    #expect(!areIdentical(all.predictBatch(inputs.rows), singles))
    // What it says: that there was a best round, and which are used.
    let told = all.facts.map { "\($0.label): \($0.value)" }.joined(separator: "\n")
    #expect(told.contains("best iteration: ") && told.contains("rounds used: all"), "\(told)")
    let chosen = best.facts.first { $0.label == "rounds used" }
    #expect(chosen?.value.hasSuffix("up to the best") == true)
  }

  @Test("the best round is not guessed where the file names none")
  func noBestRound() throws {
    for name in ["xgb_squared", "xgb_base_linear_classes_3_2"] {
      let bytes = try GoldenFile.bytes("\(Self.folder)/\(name).json")
      #expect(throws: Fault.self) { try Model.load(bytes, file: name, rounds: .best) }
    }
  }

  @Test(
    "LSTM: scores and predictions within 1e-6, and in a batch the same bits",
    arguments: GoldenFile.names(in: folder, ending: ".safetensors"))
  func lstm(_ name: String) throws {
    let model = try Model.load(
      try GoldenFile.bytes("\(Self.folder)/\(name).safetensors"), file: "\(name).safetensors")
    let inputs = try NumberTable("\(Self.folder)/\(name).inputs.csv")
    let golden = try NumberTable("\(Self.folder)/\(name).csv")
    #expect(model.inputCount == inputs.header.count)
    for (row, expected) in zip(inputs.rows, golden.rows) {
      let raw = model.predict(row)
      for (ours, theirs) in zip(raw + model.transform(raw), expected) {
        #expect(areClose(ours, theirs, relative: 1e-6))
      }
    }
    let oneByOne = inputs.rows.flatMap { model.predict($0) }
    #expect(areIdentical(model.predictBatch(inputs.rows), oneByOne))
  }

  @Test("a missing or infinite value makes the scores of a window missing")
  func lstmMissing() throws {
    let model = try Model.load(
      try GoldenFile.bytes("\(Self.folder)/lstm_stacked.safetensors"), file: "m")
    for value in [Double.nan, .infinity, -.infinity] {
      var row = [Double](repeating: 0, count: model.inputCount)
      row[3] = value
      let isMissing = model.predict(row).map(\.isNaN)
      #expect(!isMissing.contains(false))
    }
  }
}

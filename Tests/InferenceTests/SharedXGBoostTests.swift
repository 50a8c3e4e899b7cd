import Domain
import Testing

@testable import Inference

/// Models of every booster of XGBoost 3.2, as JSON and as UBJ, with its own margins, from the shared
/// goldens.
@Suite("XGBoost, all boosters", .enabled(if: GoldenFile.shared != nil, GoldenFile.lackOfShared))
struct SharedXGBoostTests {
  static let folder = GoldenFile.shared ?? ""
  static let models = [".json", ".ubj"].flatMap { ending in
    GoldenFile.names(in: folder, ending: ending).filter { $0.hasPrefix("xgb_") }.map { $0 + ending }
  }

  @Test("margins are XGBoost's single by single, predictions within an ulp", arguments: models)
  func scores(_ file: String) throws {
    let model = try Model.load(try GoldenFile.bytes("\(Self.folder)/\(file)"), file: file)
    let name = String(file.prefix { $0 != "." })
    let inputs = try NumberTable("\(Self.folder)/xgb_inputs.csv")
    let golden = try NumberTable("\(Self.folder)/\(name).golden.csv")
    #expect(model.kind == .xgboost)
    #expect(model.featureNames == inputs.header)
    #expect(PredictionTable(model).header == golden.header)
    #expect(inputs.rows.count == golden.rows.count)
    for (row, expected) in zip(inputs.rows, golden.rows) {
      let raw = model.predict(row)
      #expect(raw.map { Float($0) } == expected.prefix(raw.count).map { Float($0) })
      for (ours, theirs) in zip(model.transform(raw), expected.dropFirst(raw.count)) {
        #expect(areClose(ours, theirs, relative: 1.2e-7))
      }
    }
    let expected = golden.rows.flatMap { $0.prefix(model.outputCount) }
    #expect(model.predictBatch(inputs.rows).map { Float($0) } == expected.map { Float($0) })
  }
}

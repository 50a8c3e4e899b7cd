import Domain
import Testing

@testable import Inference

/// Models of every kind that LightGBM 4.7 trains, with its own scores, from the shared goldens.
@Suite("LightGBM, all kinds", .enabled(if: GoldenFile.shared != nil, GoldenFile.lackOfShared))
struct SharedLightGBMTests {
  static let folder = GoldenFile.shared ?? ""
  static let models = GoldenFile.names(in: folder, ending: ".txt").filter { $0.hasPrefix("lgb_") }

  @Test("raw scores are LightGBM's bit for bit, predictions within 1e-15", arguments: models)
  func scores(_ name: String) throws {
    let model = try Model.load(
      try GoldenFile.bytes("\(Self.folder)/\(name).txt"), file: "\(name).txt")
    let inputs = try NumberTable("\(Self.folder)/inputs.csv")
    let golden = try NumberTable("\(Self.folder)/\(name).golden.csv")
    #expect(model.featureNames == inputs.header)
    #expect(PredictionTable(model).header == golden.header)
    #expect(inputs.rows.count == golden.rows.count)
    for (row, expected) in zip(inputs.rows, golden.rows) {
      let raw = model.predict(row)
      #expect(areIdentical(raw, Array(expected.prefix(raw.count))))
      for (ours, theirs) in zip(model.transform(raw), expected.dropFirst(raw.count)) {
        #expect(areClose(ours, theirs, relative: 1e-15))
      }
    }
    let expected = golden.rows.flatMap { $0.prefix(model.outputCount) }
    #expect(areIdentical(model.predictBatch(inputs.rows), expected))
  }

  @Test("leaves are LightGBM's", arguments: models)
  func leaves(_ name: String) throws {
    let model = try Model.load(
      try GoldenFile.bytes("\(Self.folder)/\(name).txt"), file: "\(name).txt")
    let forest = try #require(model.evaluator as? LightGBMForest)
    let inputs = try NumberTable("\(Self.folder)/inputs.csv")
    let golden = try NumberTable("\(Self.folder)/\(name).leaf20.csv", hasHeader: false)
    // Every k-th row, with k a twentieth of all.
    let step = inputs.rows.count / 20
    for (index, expected) in golden.rows.enumerated() where index * step < inputs.rows.count {
      #expect(forest.leaves(of: inputs.rows[index * step]) == expected.map { Int($0) })
    }
  }
}

import CLanes
import Testing

@testable import Inference

@Suite("Vector units")
struct VectorUnitTests {
  @Test(
    "vector units that fuse give the same bits, and the plain one all but the last",
    arguments: ["plain", "stacked", "both"])
  func sameBits(_ name: String) throws {
    let model = try Model.load(
      try GoldenFile.bytes("\(GoldenFile.folder)/lstm_\(name).safetensors"), file: name)
    let network = try #require(model.evaluator as? LSTMNetwork)
    let inputs = try NumberTable("\(GoldenFile.folder)/lstm_\(name).inputs.csv")
    let rows = Array(inputs.rows.joined())
    let scores = (0...carillon_vector_unit()).map { unit in
      var raw = [Double](repeating: 0, count: inputs.rows.count * model.outputCount)
      rows.withUnsafeBufferPointer { values in
        raw.withUnsafeMutableBufferPointer {
          network.onUnit(unit).score(
            values.baseAddress!, count: inputs.rows.count, into: $0.baseAddress!)
        }
      }
      return raw
    }
    for other in scores.dropFirst(2) { #expect(areIdentical(scores[1], other)) }
    for (plain, fused) in zip(scores[0], scores[scores.count - 1]) {
      #expect(areClose(plain, fused, relative: 1e-11))
    }
  }
}

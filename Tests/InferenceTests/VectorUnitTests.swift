import CLanes
import Testing

@testable import Inference

@Suite("Vector units")
struct VectorUnitTests {
  @Test(
    "every vector unit of the machine gives the same bits", arguments: ["plain", "stacked", "both"])
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
    for other in scores.dropFirst() { #expect(areIdentical(scores[0], other)) }
  }
}

import Domain
import Testing

@testable import Inference

/// Networks of PyTorch with outputs that it computed in double precision, from the shared goldens.
@Suite("LSTM of PyTorch", .enabled(if: GoldenFile.shared != nil, GoldenFile.lackOfShared))
struct SharedLSTMTests {
  static let folder = "\(GoldenFile.shared ?? "")/lstm"
  static let models = ["small", "mid", "bidir"]

  @Test("predictions are within 1e-6 of double precision", arguments: models, [true, false])
  func scores(_ name: String, _ hasDescription: Bool) throws {
    let model = try Model.load(
      try GoldenFile.bytes("\(Self.folder)/\(name).safetensors"), file: "\(name).safetensors",
      description: hasDescription
        ? (try GoldenFile.bytes("\(Self.folder)/\(name).json"), "\(name).json") : nil)
    let bytes = try GoldenFile.bytes("\(Self.folder)/\(name).golden.safetensors")
    let golden = try Safetensors(ModelSource(file: name, bytes: bytes))
    let rows = try golden.singles("x", shape: [64, model.windowLength, model.featureCount])
      .map { Double($0) }
    let start = try golden.place(
      of: "y_f64", type: "F64", width: 8, shape: [64, model.outputCount])
    let expected = (0..<64 * model.outputCount).map { index in
      let little = bytes[start + 8 * index..<start + 8 * index + 8].reversed()
      return Double(bitPattern: little.reduce(0) { $0 << 8 | UInt64($1) })
    }
    var worst = 0.0
    for row in 0..<64 {
      let raw = model.predict(Array(rows[row * model.inputCount..<(row + 1) * model.inputCount]))
      for (index, ours) in model.transform(raw).enumerated() {
        let theirs = expected[row * model.outputCount + index]
        worst = max(worst, abs(ours - theirs) / abs(theirs))
      }
    }
    #expect(worst <= 1e-6, "\(worst)")
  }
}

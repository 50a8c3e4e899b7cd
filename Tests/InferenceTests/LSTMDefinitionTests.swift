import CLanes
import Domain
import Glibc
import Testing

@testable import Inference

/// Networks of many shapes beside the definition of an LSTM (as PyTorch's `nn.LSTM` documents it),
/// written out with the C library's `exp` and `tanh`.
@Suite("LSTM by its definition")
struct LSTMDefinitionTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    var inputs, hidden, layers, steps: Int
    var isBothWays = false
    /// How far inputs are from 0.
    var reach = 2.0
    var directions: Int { isBothWays ? 2 : 1 }
    var testDescription: String {
      "\(inputs)-\(hidden) x \(layers), \(steps) steps\(isBothWays ? ", both ways" : ""), to \(reach)"
    }
  }

  // One, three and five panels of eight units, whole and not; fewer steps than rows are worked at in
  // one go, as many and more; gates and states that may be so large that powers of e must be cut off.
  static let shapes = [
    Shape(inputs: 3, hidden: 5, layers: 1, steps: 1),
    Shape(inputs: 4, hidden: 8, layers: 2, steps: 7, isBothWays: true),
    Shape(inputs: 2, hidden: 20, layers: 1, steps: 13),
    Shape(inputs: 7, hidden: 40, layers: 2, steps: 6, isBothWays: true),
    Shape(inputs: 9, hidden: 64, layers: 2, steps: 5),
    Shape(inputs: 1, hidden: 6, layers: 1, steps: 130),
    Shape(inputs: 3, hidden: 17, layers: 2, steps: 9, reach: 1e6),
    Shape(inputs: 3, hidden: 5, layers: 1, steps: 4, reach: 1e300),
  ]

  /// A network with weights as far from 0 as PyTorch begins with, and windows for it.
  struct Example {
    let shape: Shape
    var weights: [String: [Float]] = [:]
    var windows: [[Double]] = []
    let outputs = 2

    init(_ shape: Shape) {
      self.shape = shape
      var random = SeededRandom(seed: UInt64(shape.hidden * 1000 + shape.steps))
      let most = 1 / Float(shape.hidden).squareRoot()
      for (name, dimensions) in tensors {
        weights[name] = (0..<dimensions.reduce(1, *)).map { _ in
          Float.random(in: -most...most, using: &random)
        }
      }
      windows = (0..<13).map { _ in
        (0..<shape.steps * shape.inputs).map { _ in
          Double.random(in: -shape.reach...shape.reach, using: &random)
        }
      }
    }

    /// The names and shapes of the weights, in the order of the file.
    var tensors: [(String, [Int])] {
      let rows = 4 * shape.hidden
      let ofLayers = (0..<shape.layers).flatMap { layer in
        ["", "_reverse"].prefix(shape.directions).flatMap { suffix in
          [
            (
              "lstm.weight_ih_l\(layer)\(suffix)",
              [rows, layer == 0 ? shape.inputs : shape.hidden * shape.directions]
            ),
            ("lstm.weight_hh_l\(layer)\(suffix)", [rows, shape.hidden]),
            ("lstm.bias_ih_l\(layer)\(suffix)", [rows]),
            ("lstm.bias_hh_l\(layer)\(suffix)", [rows]),
          ]
        }
      }
      return ofLayers + [
        ("fc.weight", [outputs, shape.hidden * shape.directions]), ("fc.bias", [outputs]),
      ]
    }

    /// The network as it is read from a file.
    func network() throws -> LSTMNetwork {
      var header = "{"
      var data: [UInt8] = []
      for (name, dimensions) in tensors {
        let bytes = weights[name]!.flatMap { weight in
          (0..<4).map { UInt8(truncatingIfNeeded: weight.bitPattern >> (8 * $0)) }
        }
        header += header == "{" ? "" : ", "
        header += "\"\(name)\": {\"dtype\": \"F32\", \"shape\": \(dimensions), "
        header += "\"data_offsets\": [\(data.count), \(data.count + bytes.count)]}"
        data += bytes
      }
      header += "}"
      let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
      let description = """
        {"config": {"inp": \(shape.inputs), "hid": \(shape.hidden), "layers": \(shape.layers),
        "seq": \(shape.steps), "out": \(outputs), "bi": \(shape.isBothWays)}}
        """
      let model = try Model.load(
        length + Array(header.utf8) + data, file: "m.safetensors",
        description: (Array(description.utf8), "m.json"))
      return try #require(model.evaluator as? LSTMNetwork)
    }

    /// The scores of a window, by the definition.
    func scores(_ window: [Double]) -> [Double] {
      var rows = (0..<shape.steps).map {
        Array(window[$0 * shape.inputs..<($0 + 1) * shape.inputs])
      }
      for layer in 0..<shape.layers {
        var halves = [passed(rows, "l\(layer)")]
        if shape.isBothWays {
          halves.append(passed(rows.reversed(), "l\(layer)_reverse").reversed())
        }
        rows = rows.indices.map { step in halves.flatMap { $0[step] } }
      }
      return product("fc.weight", rows[shape.steps - 1], outputs).enumerated().map {
        $1 + Double(weights["fc.bias"]![$0])
      }
    }

    private func product(_ name: String, _ values: [Double], _ count: Int) -> [Double] {
      (0..<count).map { row in
        values.indices.reduce(0) {
          $0 + Double(weights[name]![row * values.count + $1]) * values[$1]
        }
      }
    }

    /// What one direction of a layer puts out, row after row.
    private func passed(_ rows: [[Double]], _ suffix: String) -> [[Double]] {
      let hidden = shape.hidden
      var (state, last) = (
        [Double](repeating: 0, count: hidden), [Double](repeating: 0, count: hidden)
      )
      return rows.map { row in
        let inputs = product("lstm.weight_ih_\(suffix)", row, 4 * hidden)
        let own = product("lstm.weight_hh_\(suffix)", last, 4 * hidden)
        let gates = (0..<4 * hidden).map {
          inputs[$0] + own[$0] + Double(weights["lstm.bias_ih_\(suffix)"]![$0])
            + Double(weights["lstm.bias_hh_\(suffix)"]![$0])
        }
        func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
        for unit in 0..<hidden {
          let (i, f) = (sigmoid(gates[unit]), sigmoid(gates[hidden + unit]))
          let (g, o) = (tanh(gates[2 * hidden + unit]), sigmoid(gates[3 * hidden + unit]))
          state[unit] = f * state[unit] + i * g
          last[unit] = o * tanh(state[unit])
        }
        return last
      }
    }
  }

  @Test(
    "scores are within 1e-9 of the largest, and the same bits in a batch, on every vector unit",
    arguments: shapes)
  func scores(_ shape: Shape) throws {
    let example = Example(shape)
    let network = try example.network()
    let expected = example.windows.map { example.scores($0) }
    let largest = expected.joined().map(\.magnitude).max()!
    for unit in 0...carillon_vector_unit() {
      let onUnit = network.onUnit(unit)
      let oneByOne = example.windows.map { scores(onUnit, [$0], example.outputs) }
      for (ours, theirs) in zip(oneByOne.joined(), expected.joined()) {
        #expect((ours - theirs).magnitude <= 1e-9 * largest, "\(ours) \(theirs) on \(unit)")
      }
      for count in [6, 13] {
        let batch = scores(onUnit, Array(example.windows.prefix(count)), example.outputs)
        #expect(areIdentical(batch, Array(oneByOne.prefix(count).joined())))
      }
    }
  }

  private func scores(_ network: LSTMNetwork, _ windows: [[Double]], _ outputs: Int) -> [Double] {
    var raw = [Double](repeating: .nan, count: windows.count * outputs)
    Array(windows.joined()).withUnsafeBufferPointer { values in
      raw.withUnsafeMutableBufferPointer {
        network.score(values.baseAddress!, count: windows.count, into: $0.baseAddress!)
      }
    }
    return raw
  }

  @Test("a missing or infinite value in one window of a batch leaves the others their scores")
  func oneMissing() throws {
    let example = Example(Self.shapes[1])
    let network = try example.network()
    let whole = scores(network, example.windows, example.outputs)
    for value in [Double.nan, .infinity, -.infinity] {
      var windows = example.windows
      windows[2][5] = value
      var expected = whole
      expected.replaceSubrange(
        2 * example.outputs..<3 * example.outputs,
        with: repeatElement(.nan, count: example.outputs))
      #expect(areIdentical(scores(network, windows, example.outputs), expected))
    }
  }
}

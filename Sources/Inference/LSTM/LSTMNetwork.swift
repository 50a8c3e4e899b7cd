import CLanes
import Glibc

/// A recurrent network: LSTM layers over a window, then one linear layer on the outputs at its end,
/// in double precision.
///
/// As PyTorch's `nn.LSTM(batch_first=True)` and `fc(output[:, -1])`: the backward half of the last
/// row has seen the last step only. A value that is missing or infinite makes all scores NaN.
final class LSTMNetwork: Evaluator, @unchecked Sendable {
  /// How many windows are scored in step in a batch.
  private static let lockstep = Int(carillon_rows)

  private let shape: LSTMShape
  private let layers: [[LSTMLayer]]
  private let weights: [Double]
  private let biases: [Double]
  /// The padded width of one direction's outputs, and of a row of all directions'.
  private let width: Int
  private let rowWidth: Int
  /// How many gates the kernel has room for.
  private let gateCount: Int
  private let scratch: ScratchMemory
  private let vectorUnit: Int32

  init(
    _ shape: LSTMShape, layers: [[LSTMLayer]], weights: [Double], biases: [Double],
    vectorUnit: Int32 = carillon_vector_unit()
  ) {
    (self.shape, self.layers, self.weights, self.biases) = (shape, layers, weights, biases)
    width = layers[0][0].width
    rowWidth = width * shape.directions
    self.vectorUnit = vectorUnit
    let outputs = 2 * Self.lockstep * shape.window * rowWidth
    let cells = Self.lockstep * width
    gateCount = (shape.window + Self.lockstep - 1) * width * 4
    let packed = Self.lockstep * (max(shape.inputs, rowWidth) + width)
    scratch = ScratchMemory(byteCount: 8 * (outputs + cells + gateCount + packed))
  }

  /// The same network on another vector unit, at most as wide as the machine's: the same scores.
  func onUnit(_ unit: Int32) -> LSTMNetwork {
    LSTMNetwork(shape, layers: layers, weights: weights, biases: biases, vectorUnit: unit)
  }

  override func score(
    _ rows: UnsafePointer<Double>, count: Int, into raw: UnsafeMutablePointer<Double>
  ) {
    scratch.borrow { memory in
      let stride = shape.inputs * shape.window
      var index = 0
      while index < count {
        let windows = count - index >= Self.lockstep ? Self.lockstep : 1
        score(
          windows, rows + index * stride, into: raw + index * shape.outputs,
          memory.assumingMemoryBound(to: Double.self))
        index += windows
      }
    }
  }

  private func score(
    _ windows: Int, _ rows: UnsafePointer<Double>, into raw: UnsafeMutablePointer<Double>,
    _ memory: UnsafeMutablePointer<Double>
  ) {
    let rowCount = shape.window * rowWidth
    let cells = memory + 2 * Self.lockstep * rowCount
    let gates = cells + Self.lockstep * width
    var room = carillon_lstm_room(cells: cells, gates: gates, packed: gates + gateCount)
    let valueCount = shape.inputs * shape.window
    var reach = carillon_reach(rows, windows * valueCount)
    let isFinite = reach.isFinite
    var input = rows
    var inputStep = shape.inputs
    for (index, directions) in layers.enumerated() {
      let output = index % 2 == 0 ? memory : memory + Self.lockstep * rowCount
      for (direction, layer) in directions.enumerated() {
        var run = carillon_lstm_run(
          input: input, input_window: inputStep * shape.window, input_step: inputStep,
          output: output + direction * width, output_window: rowCount, output_step: rowWidth,
          steps: shape.window, reversed: direction == 0 ? 0 : 1,
          bounded: layer.isBounded(inputs: reach, steps: shape.window) ? 1 : 0)
        if direction == 1, index == layers.count - 1 {
          // Of the backward half, only its first step is asked for.
          run.input = input + (shape.window - 1) * inputStep
          run.output = run.output + (shape.window - 1) * rowWidth
          run.steps = 1
        }
        withUnsafePointer(to: layer.layout) {
          carillon_lstm($0, &run, &room, Int32(windows), vectorUnit)
        }
      }
      input = UnsafePointer(output)
      inputStep = rowWidth
      // What a layer puts out is never beyond 1.
      reach = 1
    }
    for window in 0..<windows {
      let last = input + window * rowCount + (shape.window - 1) * rowWidth
      finish(last, into: raw + window * shape.outputs)
      if !isFinite, !carillon_reach(rows + window * valueCount, valueCount).isFinite {
        (raw + window * shape.outputs).update(repeating: .nan, count: shape.outputs)
      }
    }
  }

  /// The linear layer on the last outputs.
  private func finish(_ last: UnsafePointer<Double>, into raw: UnsafeMutablePointer<Double>) {
    let columns = shape.hidden * shape.directions
    for output in 0..<shape.outputs {
      var sum = biases[output]
      for direction in 0..<shape.directions {
        for unit in 0..<shape.hidden {
          sum +=
            weights[output * columns + direction * shape.hidden + unit]
            * last[direction * width + unit]
        }
      }
      raw[output] = sum
    }
  }

  override func transform(
    _ raw: UnsafePointer<Double>, into prediction: UnsafeMutablePointer<Double>
  ) {
    switch shape.activation {
    case .none: ScoreTransform.identity.apply(raw, shape.outputs, into: prediction)
    case .sigmoid: ScoreTransform.logistic(slope: 1).apply(raw, shape.outputs, into: prediction)
    case .softmax: ScoreTransform.softmax.apply(raw, shape.outputs, into: prediction)
    case .tanh: for index in 0..<shape.outputs { prediction[index] = Glibc.tanh(raw[index]) }
    case .relu:
      for index in 0..<shape.outputs {
        prediction[index] = raw[index].isNaN ? .nan : max(0, raw[index])
      }
    }
  }
}

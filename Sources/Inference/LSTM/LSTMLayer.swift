import CLanes

/// One direction of one layer, its weights laid out in panels of eight units as the kernel reads
/// them.
final class LSTMLayer: @unchecked Sendable {
  /// How the values of one step stand in memory.
  enum Inputs {
    /// One after the other.
    case plain(Int)
    /// The outputs of one or two directions, each padded to whole panels.
    case halves(of: Int, count: Int)
  }

  /// Beyond which the kernel takes care that no power of e overflows.
  private static let widestGate = 110.0

  /// The padded width of what one step puts out.
  let width: Int
  private(set) var layout: carillon_lstm_layer
  private let weightMemory: UnsafeMutablePointer<Double>
  private let biasMemory: UnsafeMutablePointer<Double>
  private let mixtureMemory: UnsafeMutablePointer<Float>
  /// How far a gate is from 0 at most: by its bias and the outputs before, and for each unit that an
  /// input is from 0.
  private let ownReach: Double
  private let inputReach: Double

  /// Lays out PyTorch's matrices: rows are the gates i, f, g, o of all units, one gate after the
  /// other; columns are inputs.
  init(
    inputWeights: [Float], hiddenWeights: [Float], biases: [[Float]], inputs: Inputs, hidden: Int
  ) {
    let panels = (hidden + 7) / 8
    width = panels * 8
    // Where each column stands in the row that the kernel reads.
    let columns: [Int]
    let stride: Int
    switch inputs {
    case .plain(let count): (columns, stride) = (Array(0..<count), count)
    case .halves(let count, let halves):
      stride = width * halves
      columns = (0..<count * halves).map { $0 / count * ((count + 7) / 8 * 8) + $0 % count }
    }
    let mixture = Int(carillon_mixture)
    weightMemory = Self.zeros(panels * (stride + hidden) * 32)
    biasMemory = Self.zeros(panels * 32)
    mixtureMemory = Self.zeros(panels * hidden * mixture)
    var (ownReach, inputReach) = (0.0, 0.0)
    for gate in 0..<4 {
      for unit in 0..<hidden {
        let row = gate * hidden + unit
        let panel = unit / 8
        let first = (panel * 4 + gate) * (stride + hidden) * 8 + unit % 8
        var reach = 0.0
        for (column, place) in columns.enumerated() {
          let weight = inputWeights[row * columns.count + column]
          weightMemory[first + place * 8] = Double(weight)
          reach += Double(weight.magnitude)
        }
        inputReach = max(inputReach, reach)
        let bias = biases.reduce(0) { $0 + Double($1[row]) }
        biasMemory[panel * 32 + gate * 8 + unit % 8] = bias
        reach = bias.magnitude
        for column in 0..<hidden {
          let weight = hiddenWeights[row * hidden + column]
          weightMemory[first + (stride + column) * 8] = Double(weight)
          reach += Double(weight.magnitude)
          let mixed = mixtureMemory + (panel * hidden + column) * mixture
          if gate < 3 {
            mixed[gate * 8 + unit % 8] = weight
          } else {
            UnsafeMutableRawPointer(mixed + 3 * 8).storeBytes(
              of: Double(weight), toByteOffset: unit % 8 * 8, as: Double.self)
          }
        }
        ownReach = max(ownReach, reach)
      }
    }
    (self.ownReach, self.inputReach) = (ownReach, inputReach)
    layout = carillon_lstm_layer(
      weights: weightMemory, bias: biasMemory, mixture: mixtureMemory, inputs: stride,
      hidden: hidden, panels: panels)
  }

  /// Whether the kernel's powers of e stay finite by themselves, given how far inputs are from 0 and
  /// how many steps there are: a state moves by at most 1 in each.
  func isBounded(inputs: Double, steps: Int) -> Bool {
    ownReach + inputReach * inputs <= Self.widestGate && Double(steps) <= Self.widestGate
  }

  private static func zeros<Element: ExpressibleByIntegerLiteral>(
    _ count: Int
  ) -> UnsafeMutablePointer<Element> {
    // Vectors that begin at cache lines are loaded at once.
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(64, count * MemoryLayout<Element>.stride), alignment: 64)
    let memory = bytes.bindMemory(to: Element.self, capacity: count)
    memory.initialize(repeating: 0, count: count)
    return memory
  }

  deinit {
    weightMemory.deallocate()
    biasMemory.deallocate()
    mixtureMemory.deallocate()
  }
}

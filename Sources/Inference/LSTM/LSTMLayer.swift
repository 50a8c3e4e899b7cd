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

  /// The padded width of what one step puts out.
  let width: Int
  private(set) var layout: carillon_lstm_layer
  private let inputMemory: UnsafeMutablePointer<Float>
  private let hiddenMemory: UnsafeMutablePointer<Float>
  private let pairSingles: UnsafeMutablePointer<Float>
  private let pairDoubles: UnsafeMutablePointer<Double>
  private let biasMemory: UnsafeMutablePointer<Double>

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
    inputMemory = Self.zeros(panels * stride * 32)
    hiddenMemory = Self.zeros(panels * hidden * 32)
    pairSingles = Self.zeros(panels / 2 * hidden * 48)
    pairDoubles = Self.zeros(panels / 2 * hidden * 16)
    biasMemory = Self.zeros(panels * 32)
    for gate in 0..<4 {
      for unit in 0..<hidden {
        let row = gate * hidden + unit
        let panel = unit / 8
        let lane = gate * 8 + unit % 8
        for (column, place) in columns.enumerated() {
          inputMemory[(panel * stride + place) * 32 + lane] =
            inputWeights[row * columns.count + column]
        }
        for column in 0..<hidden {
          let weight = hiddenWeights[row * hidden + column]
          hiddenMemory[(panel * hidden + column) * 32 + lane] = weight
          guard panel / 2 < panels / 2 else { continue }
          let place = panel / 2 * hidden + column
          if gate < 3 {
            pairSingles[place * 48 + panel % 2 * 24 + lane] = weight
          } else {
            pairDoubles[place * 16 + panel % 2 * 8 + unit % 8] = Double(weight)
          }
        }
        biasMemory[panel * 32 + lane] = biases.reduce(0) { $0 + Double($1[row]) }
      }
    }
    layout = carillon_lstm_layer(
      input_weights: inputMemory, hidden_weights: hiddenMemory, bias: biasMemory,
      pair_singles: pairSingles, pair_doubles: pairDoubles, inputs: stride, hidden: hidden,
      panels: panels)
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
    inputMemory.deallocate()
    hiddenMemory.deallocate()
    pairSingles.deallocate()
    pairDoubles.deallocate()
    biasMemory.deallocate()
  }
}

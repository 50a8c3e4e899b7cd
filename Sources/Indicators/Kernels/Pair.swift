/// Two numbers worked on at once. Written out where a choice between two values would otherwise
/// become a branch that no processor can predict.
typealias Pair = SIMD2<Double>

/// Each of two numbers where the first of the other two is greater than the second, otherwise zero.
@inline(__always)
func gated(_ x: Pair, where a: Pair, isAbove b: Pair) -> Pair {
  let mask = unsafeBitCast(a .> b, to: SIMD2<UInt64>.self)
  return unsafeBitCast(unsafeBitCast(x, to: SIMD2<UInt64>.self) & mask, to: Pair.self)
}

extension Pair {
  /// The two in the other order.
  @inline(__always)
  var swapped: Pair { Pair(y, x) }

  /// The absolute values: the sign bits cleared.
  @inline(__always)
  var magnitudes: Pair {
    let mask = SIMD2<UInt64>(repeating: 0x7fff_ffff_ffff_ffff)
    return unsafeBitCast(unsafeBitCast(self, to: SIMD2<UInt64>.self) & mask, to: Pair.self)
  }
}

/// The sums of the last n values of two columns, as `WindowSum`.
struct WindowPairSum: BitwiseCopyable {
  let period: Int
  private var filled = 0
  private var prefix = Pair.zero

  init(_ period: Int) { self.period = period }

  var windowCount: Int { 2 * period }

  /// Takes the next values; the sums mean something from the n-th on.
  @inline(__always)
  mutating func step(_ x: Pair, _ window: Window) -> Pair {
    let memory = UnsafeMutableRawPointer(window)
    memory.storeBytes(of: x, toByteOffset: 16 * filled, as: Pair.self)
    prefix += x
    filled += 1
    if filled < period {
      return memory.loadUnaligned(fromByteOffset: 16 * filled, as: Pair.self) + prefix
    }
    let sum = prefix
    var suffix = Pair.zero
    var index = period - 1
    while index > 0 {
      suffix += memory.loadUnaligned(fromByteOffset: 16 * index, as: Pair.self)
      memory.storeBytes(of: suffix, toByteOffset: 16 * index, as: Pair.self)
      index -= 1
    }
    filled = 0
    prefix = .zero
    return sum
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&filled, through: period - 1)
    coder.pair(&prefix)
  }
}

import Domain

/// A random path whose value at any minute costs one walk down a binary tree.
///
/// Lévy's construction: the path is fixed at the ends of a root interval, and the middle of each
/// interval is the mean of its ends plus a displacement that is a hash of seed and middle. So the
/// value at a time depends on nothing that was asked before. Displacements grow with the length of
/// the interval to the power of 0.58, a little more than the 0.5 of a random walk, so that moves
/// tend to go on for a while; from three months upwards they grow no further, so that the path comes
/// back to where it began. Source of the construction: P. Lévy, "Processus stochastiques et
/// mouvement brownien", 1948; of the exponent: B. Mandelbrot, J. Van Ness, "Fractional Brownian
/// motions", 1968.
struct PricePath: Sendable {
  /// Distinguishes this path from all others.
  let seed: UInt64
  /// The standard deviation of the move of one day, as a fraction.
  let dailyVolatility: Double

  /// The root interval, in minutes: 2^26, some 128 years from the Unix epoch on.
  private static let rootMinutes: Int64 = 1 << 26
  /// The interval from which displacements grow no further: 2^17 minutes.
  private static let saturationLevel = 17
  /// Standard deviations of the displacement by the interval's length in powers of two minutes, for
  /// a path that moves by 1 in a day.
  private static let scales: [Double] = {
    // 2^0.58, and half of 1440^-0.58: the middle of a random walk strays by half its move.
    let growth = 1.4948492486349383
    var scale = 0.007364101383542334
    return (0...26).map { level in
      if level > 0 && level <= saturationLevel { scale *= growth }
      return scale
    }
  }()

  /// The values at the minutes `first...last` since the epoch, relative to the path's beginning.
  func values(_ first: Int64, through last: Int64) -> [Double] {
    var values: [Double] = []
    values.reserveCapacity(Int(last - first) + 1)
    var minute = first
    while minute <= last {
      let root = minute.flooringQuotient(Self.rootMinutes) * Self.rootMinutes
      let end = min(last, root + Self.rootMinutes - 1)
      // The end of the interval belongs to the next one, where it is the beginning.
      fill(root, 26, 0, 0, minute...end, &values)
      minute = end + 1
    }
    return values
  }

  /// Appends the values of `wanted` within `[start, start + 2^level)`, from left to right.
  private func fill(
    _ start: Int64, _ level: Int, _ left: Double, _ right: Double, _ wanted: ClosedRange<Int64>,
    _ values: inout [Double]
  ) {
    if level == 0 {
      values.append(left)
      return
    }
    let middle = start + 1 << (level - 1)
    let scale = dailyVolatility * Self.scales[level]
    let value = (left + right) * 0.5 + scale * noise(seed, UInt64(bitPattern: middle))
    if wanted.lowerBound < middle { fill(start, level - 1, left, value, wanted, &values) }
    if wanted.upperBound >= middle { fill(middle, level - 1, value, right, wanted, &values) }
  }
}

/// A number of mean 0 and variance 1 that looks random and is a pure function of its arguments: the
/// sum of four uniform ones, which is near enough to the normal distribution and needs no
/// transcendental function, so that every machine computes the same bits.
func noise(_ seed: UInt64, _ index: UInt64) -> Double {
  let bits = hash(seed, index)
  let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
  // Four uniform numbers have variance 4/12, so that the factor is the root of 3.
  return (Double(sum) + 2.0 - 131_072.0) / 65_536.0 * 1.7320508075688772
}

/// A number of 0 up to 1 that looks random and is a pure function of its arguments.
func uniform(_ seed: UInt64, _ index: UInt64) -> Double {
  Double(hash(seed, index) >> 11) / 9_007_199_254_740_992.0
}

/// SplitMix64's finaliser over its counter. Source: G. Steele, D. Lea, C. Flood, "Fast splittable
/// pseudorandom number generators", 2014.
func hash(_ seed: UInt64, _ index: UInt64) -> UInt64 {
  var z = seed &+ (index &+ 1) &* 0x9E37_79B9_7F4A_7C15
  z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
  return z ^ z >> 31
}

/// The exponential function by additions and multiplications alone, so that every machine computes
/// the same bits, whatever its mathematical library; its error is below 10^-14.
func exponential(_ x: Double) -> Double {
  // e^x = 2^k * e^r with |r| <= ln 2 / 2, and a Taylor polynomial for the rest: r^15/15! < 10^-18.
  let k = (x * 1.4426950408889634).rounded()
  let r = x - k * 0.6931471805599453
  var sum = 1.0
  for n in stride(from: 14.0, to: 0.0, by: -1.0) { sum = 1.0 + sum * r / n }
  return Double(sign: .plus, exponent: Int(k), significand: sum)
}

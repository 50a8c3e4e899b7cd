import Glibc

/// What an objective makes of the raw scores of one row.
enum ScoreTransform: Hashable, Sendable {
  /// Nothing.
  case identity
  /// `1 / (1 + exp(-slope * x))` of each score.
  case logistic(slope: Double)
  /// `exp(x_i) / sum of exp(x_j)`, the greatest score subtracted first.
  case softmax
  /// `exp(x)`.
  case exponential
  /// `sign(x) * x * x`, for targets of which the square root was learnt.
  case signedSquare
  /// `log(1 + exp(x))`.
  case softplus

  /// The predictions of `count` raw scores.
  func apply(
    _ raw: UnsafePointer<Double>, _ count: Int, into prediction: UnsafeMutablePointer<Double>
  ) {
    if case .softmax = self { return Self.softmax(raw, count, into: prediction) }
    for index in 0..<count { prediction[index] = value(raw[index]) }
  }

  private func value(_ raw: Double) -> Double {
    switch self {
    case .identity, .softmax: raw
    case .logistic(let slope): 1 / (1 + exp(-slope * raw))
    case .exponential: exp(raw)
    case .signedSquare: (raw > 0 ? 1 : raw < 0 ? -1 : 0) * raw * raw
    case .softplus: log1p(exp(raw))
    }
  }

  private static func softmax(
    _ raw: UnsafePointer<Double>, _ count: Int, into prediction: UnsafeMutablePointer<Double>
  ) {
    var greatest = raw[0]
    for index in 1..<max(1, count) where raw[index] > greatest { greatest = raw[index] }
    var sum = 0.0
    for index in 0..<count {
      prediction[index] = exp(raw[index] - greatest)
      sum += prediction[index]
    }
    for index in 0..<count { prediction[index] /= sum }
  }
}

import Inference

/// Whether two lists hold the same numbers bit for bit; any NaN equals any other.
func areIdentical(_ left: [Double], _ right: [Double]) -> Bool {
  left.count == right.count
    && zip(left, right).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
}

/// Whether two numbers are equal, both NaN, or apart by at most a part of the second.
func areClose(_ left: Double, _ right: Double, relative: Double) -> Bool {
  left == right || (left.isNaN && right.isNaN)
    || (left - right).magnitude <= relative * right.magnitude && right.isFinite
}

extension Model {
  /// The raw scores of rows, scored as one batch.
  func predictBatch(_ rows: [[Double]]) -> [Double] {
    var raw = [Double](repeating: .zero, count: rows.count * outputCount)
    Array(rows.joined()).withUnsafeBufferPointer { values in
      raw.withUnsafeMutableBufferPointer { predictBatch(values, count: rows.count, into: $0) }
    }
    return raw
  }
}

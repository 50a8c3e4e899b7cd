/// What computes the scores of a model: one class per family of models, immutable once made.
class Evaluator: @unchecked Sendable {
  /// Writes the raw scores of `count` rows; the sizes were checked by `Model`.
  func score(
    _ rows: UnsafePointer<Double>, count: Int, into raw: UnsafeMutablePointer<Double>
  ) {
    fatalError("an evaluator scores")
  }

  /// Turns the raw scores of one row into predictions.
  func transform(_ raw: UnsafePointer<Double>, into prediction: UnsafeMutablePointer<Double>) {
    fatalError("an evaluator transforms")
  }
}

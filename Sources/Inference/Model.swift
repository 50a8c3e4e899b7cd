/// A model that was read from a file, checked, and is ready to score rows of features.
///
/// Immutable and safe to share between threads. Scoring a row allocates nothing on the heap beyond
/// what a wide row needs once (see `predict`), and never fails: a model that could fail on some row
/// is refused when it is loaded.
public struct Model: Sendable {
  /// Which format and evaluator the model has.
  public let kind: ModelKind
  /// The name that the file gives itself, if any.
  public let name: String?
  /// The names of the features in the order of a row; nil where the file holds none.
  public let featureNames: [String]?
  /// The number of features in one row, or in one step of a window.
  public let featureCount: Int
  /// The number of consecutive steps that one prediction reads, oldest first; 1 but for `lstm`.
  public let windowLength: Int
  /// The number of raw scores of one prediction.
  public let outputCount: Int
  /// The number of values that the raw scores become in `transform`.
  public let predictionCount: Int
  /// What the file says about the model, as label and value, for `carillon model inspect`.
  public let facts: [Fact]

  let evaluator: Evaluator

  /// What the file says that its scores are; nil where it says nothing.
  public internal(set) var calibration: Calibration?

  /// One line of a description: what, and how much of it.
  public struct Fact: Hashable, Sendable {
    /// What is told, in a few words: `trees`.
    public let label: String
    /// Its value: `500`.
    public let value: String

    init(_ label: String, _ value: some CustomStringConvertible) {
      self.label = label
      self.value = value.description
    }
  }

  /// The values that one prediction reads: `featureCount * windowLength`.
  public var inputCount: Int { featureCount * windowLength }
}

extension Model {
  /// The largest file that is read as a model.
  public static var maximumFileBytes: Int { ModelSource.maximumBytes }

  /// The raw scores of one row: what the trees or weights add up to, before the objective's
  /// transformation.
  ///
  /// A missing value is NaN. The forests know what to do with it; `linear` and `lstm` answer NaN
  /// when any value is missing, and `rules` when the expression needs one that is: the caller
  /// abstains.
  ///
  /// - Parameters:
  ///   - row: `inputCount` values; for a window, step after step, oldest first.
  ///   - raw: room for `outputCount` scores.
  public func predict(
    _ row: UnsafeBufferPointer<Double>, into raw: UnsafeMutableBufferPointer<Double>
  ) {
    predictBatch(row, count: 1, into: raw)
  }

  /// The raw scores of many rows, bit for bit those of `predict` for each.
  ///
  /// - Parameters:
  ///   - rows: `count * inputCount` values, row after row.
  ///   - count: how many rows.
  ///   - raw: room for `count * outputCount` scores, row after row.
  public func predictBatch(
    _ rows: UnsafeBufferPointer<Double>, count: Int, into raw: UnsafeMutableBufferPointer<Double>
  ) {
    precondition(count >= 0 && rows.count == count * inputCount)
    precondition(raw.count == count * outputCount)
    guard count > 0, let input = rows.baseAddress, let output = raw.baseAddress else { return }
    evaluator.score(input, count: count, into: output)
  }

  /// Turns the raw scores of one row into predictions as the objective demands: probabilities for
  /// classes, counts for Poisson, unchanged for plain regression and ranking.
  ///
  /// - Parameters:
  ///   - raw: the `outputCount` scores of one row.
  ///   - prediction: room for `predictionCount` values.
  public func transform(
    _ raw: UnsafeBufferPointer<Double>, into prediction: UnsafeMutableBufferPointer<Double>
  ) {
    precondition(raw.count == outputCount && prediction.count == predictionCount)
    guard let input = raw.baseAddress, let output = prediction.baseAddress else { return }
    evaluator.transform(input, into: output)
  }

  /// The raw scores of one row, for callers to whom an array is worth its allocation.
  public func predict(_ row: [Double]) -> [Double] {
    [Double](unsafeUninitializedCapacity: outputCount) { raw, initialised in
      raw.initialize(repeating: 0)
      row.withUnsafeBufferPointer { predict($0, into: raw) }
      initialised = outputCount
    }
  }

  /// The predictions that belong to one row's raw scores.
  public func transform(_ raw: [Double]) -> [Double] {
    [Double](unsafeUninitializedCapacity: predictionCount) { prediction, initialised in
      prediction.initialize(repeating: 0)
      raw.withUnsafeBufferPointer { transform($0, into: prediction) }
      initialised = predictionCount
    }
  }
}

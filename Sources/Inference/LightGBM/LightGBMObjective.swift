import Domain

/// The line `objective=` of a LightGBM model: a name and parameters, `binary sigmoid:1`.
///
/// Source of the transformations: `ConvertOutput` of each class in LightGBM's `src/objective`.
struct LightGBMObjective {
  /// The line as it is.
  let text: String
  /// What becomes of the raw scores.
  let transform: ScoreTransform

  private static let plain = [
    "regression", "regression_l1", "huber", "fair", "quantile", "mape",
  ]
  private static let unchanged = ["lambdarank", "rank_xendcg", "custom"]
  private static let logarithmic = ["poisson", "gamma", "tweedie"]
  private static let known =
    plain + unchanged + logarithmic
    + ["binary", "multiclass", "multiclassova", "cross_entropy", "cross_entropy_lambda"]

  init(_ header: KeyedBlock, outputs: Int) throws(Fault) {
    guard header.has("objective") else {
      // A model trained with a function of the user's own.
      (text, transform) = ("none", .identity)
      return
    }
    let source = header.source
    let words = try header.words("objective")
    let place = try header.required("objective")
    text = String(decoding: source.bytes[place], as: UTF8.self)
    let name = words.first.map { String(decoding: source.bytes[$0], as: UTF8.self) } ?? ""
    var parameters: [String: Range<Int>] = [:]
    for word in words.dropFirst() {
      let colon = source.bytes[word].firstIndex(of: UInt8(ascii: ":")) ?? word.upperBound
      let key = String(decoding: source.bytes[word.lowerBound..<colon], as: UTF8.self)
      parameters[key] = min(colon + 1, word.upperBound)..<word.upperBound
    }
    func slope() throws(Fault) -> Double {
      guard let word = parameters["sigmoid"] else { return 1 }
      guard let slope = NumberText.double(source.bytes, word), slope > 0, slope.isFinite else {
        throw source.fault(at: word.lowerBound, "sigmoid must be a number above 0")
      }
      return slope
    }
    switch name {
    case _ where Self.plain.contains(name):
      transform = parameters["sqrt"] == nil ? .identity : .signedSquare
    case _ where Self.unchanged.contains(name): transform = .identity
    case _ where Self.logarithmic.contains(name): transform = .exponential
    case "binary", "multiclassova": transform = .logistic(slope: try slope())
    case "cross_entropy": transform = .logistic(slope: 1)
    case "cross_entropy_lambda": transform = .softplus
    case "multiclass": transform = .softmax
    default:
      let meant = Spelling.nearest(name, among: Self.known)
      throw source.fault(
        at: place.lowerBound, "there is no objective '\(name)'",
        remedy: meant.map { "did you mean '\($0)'?" }
          ?? "known objectives: \(Self.known.joined(separator: ", "))")
    }
    if name.hasPrefix("multiclass") {
      let count = parameters["num_class"].flatMap { NumberText.integer(source.bytes, $0) }
      guard count == outputs else {
        throw source.fault(
          at: place.lowerBound,
          "num_class of the objective must be num_tree_per_iteration, \(outputs)")
      }
    }
  }
}

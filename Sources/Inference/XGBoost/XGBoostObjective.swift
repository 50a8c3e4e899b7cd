import Domain
import Glibc

/// An objective of XGBoost: how a base score becomes a margin, and margins become predictions, in
/// single precision.
///
/// Source: `ProbToMargin` and `PredTransform` of each class in XGBoost's `src/objective`.
struct XGBoostObjective: Sendable {
  /// The name as the model has it: `binary:logistic`.
  let name: String
  private let link: Link

  private enum Link: Sendable {
    case identity
    case logistic
    case exponential
    case softmax
    case greatest
    case hinge
  }

  private static let links: [String: Link] = [
    "reg:squarederror": .identity, "reg:squaredlogerror": .identity,
    "reg:pseudohubererror": .identity, "reg:absoluteerror": .identity,
    "reg:quantileerror": .identity, "rank:ndcg": .identity, "rank:map": .identity,
    "rank:pairwise": .identity,
    "reg:logistic": .logistic, "binary:logistic": .logistic,
    // Its base score is a margin already: `LogisticRaw` has the identity for `ProbToMargin`.
    "binary:logitraw": .identity,
    "binary:hinge": .hinge,
    "count:poisson": .exponential, "reg:gamma": .exponential, "reg:tweedie": .exponential,
    "survival:cox": .exponential, "survival:aft": .exponential,
    "multi:softprob": .softmax, "multi:softmax": .greatest,
  ]

  init(_ document: XGBoostDocument) throws(Fault) {
    name = try document.string()
    guard let link = Self.links[name] else {
      let known = Self.links.keys.sorted()
      throw document.fault(
        "there is no objective '\(name)'",
        remedy: Spelling.nearest(name, among: known).map { "did you mean '\($0)'?" }
          ?? "known objectives: \(known.joined(separator: ", "))")
    }
    self.link = link
  }

  /// The margins with which scores begin, one per output: `5E-1`, or `[1E-1,2E-1]` since 3.1.
  func margins(ofBase document: XGBoostDocument, outputs: Int) throws(Fault) -> [Float] {
    let text = try document.string()
    let list = text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text[...]
    var margins: [Float] = []
    for part in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let base = Float(part), base.isFinite else {
        throw document.fault("the base score '\(text)' is no number or list of numbers")
      }
      let margin = margin(base)
      guard !margin.isNaN, margin < .infinity else {
        throw document.fault("the base score \(base) is impossible for \(name)")
      }
      margins.append(margin)
    }
    if margins.count == 1 { return [Float](repeating: margins[0], count: outputs) }
    return try document.require(margins, count: outputs)
  }

  private func margin(_ base: Float) -> Float {
    switch link {
    // A model of one class has the base score 0 or 1, which XGBoost draws in by so much since 3.1.
    case .logistic where base >= 0 && base <= 1:
      -logf(1 / min(max(base, Self.least), 1 - Self.least) - 1)
    case .logistic: .nan
    // Of counts that are all 0 the logarithm is minus infinity, and the prediction 0.
    case .exponential: logf(base)
    case .identity, .softmax, .greatest, .hinge: base
    }
  }

  /// XGBoost's `kRtEps`.
  private static let least: Float = 1e-6

  /// How many predictions the margins of one row become.
  func predictionCount(_ outputs: Int) -> Int {
    if case .greatest = link { 1 } else { outputs }
  }

  /// The predictions of one row.
  func apply(
    _ raw: UnsafePointer<Double>, _ count: Int, into prediction: UnsafeMutablePointer<Double>
  ) {
    switch link {
    case .softmax: softmax(raw, count, into: prediction)
    case .greatest:
      var best = 0
      for index in 0..<count where raw[index] > raw[best] { best = index }
      prediction[0] = Double(best)
    default:
      for index in 0..<count { prediction[index] = Double(value(Float(raw[index]))) }
    }
  }

  private func value(_ margin: Float) -> Float {
    switch link {
    case .logistic: 1 / (expf(min(-margin, 88.7)) + 1 + 1e-16)
    case .exponential: expf(margin)
    case .hinge: margin > 0 ? 1 : 0
    case .identity, .softmax, .greatest: margin
    }
  }

  private func softmax(
    _ raw: UnsafePointer<Double>, _ count: Int, into prediction: UnsafeMutablePointer<Double>
  ) {
    var greatest = Float(raw[0])
    for index in 1..<max(1, count) { greatest = fmaxf(Float(raw[index]), greatest) }
    var sum = 0.0
    for index in 0..<count {
      prediction[index] = Double(expf(Float(raw[index]) - greatest))
      sum += prediction[index]
    }
    for index in 0..<count {
      prediction[index] = Double(Float(prediction[index]) / Float(sum))
    }
  }
}

/// A feature that cannot be understood: which one, where in its expression, and why.
public struct FeatureSyntaxError: Error, Hashable, Sendable {
  /// What is wrong.
  public var message: String
  /// The characters of the expression concerned, counted from 0; empty at the place where something
  /// is lacking.
  public var columns: Range<Int>
  /// The place of the feature in the list, from 0.
  public var index: Int
  /// The name of the feature.
  public var name: String
  /// What may have been meant, where something is near.
  public var suggestion: String?

  /// A complaint about a part of an expression.
  public init(
    _ message: String, columns: Range<Int>, index: Int = 0, name: String = "",
    suggestion: String? = nil
  ) {
    self.message = message
    self.columns = columns
    self.index = index
    self.name = name
    self.suggestion = suggestion
  }
}

extension FeatureSyntaxError: CustomStringConvertible {
  /// `rsi14, column 1: there is no indicator rsx (did you mean rsi?)`; columns from 1.
  public var description: String {
    let hint = suggestion.map { " (did you mean \($0)?)" } ?? ""
    return "\(name), column \(columns.lowerBound + 1): \(message)\(hint)"
  }
}

/// The candidate nearest to a word by Levenshtein's distance, when it is near enough to be meant.
func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
  let wanted = Array(word.lowercased().utf8.prefix(64))
  var best: (distance: Int, text: String)?
  for candidate in candidates {
    let distance = editDistance(wanted, Array(candidate.utf8))
    if distance < best?.distance ?? Int.max { best = (distance, candidate) }
  }
  guard let best, best.distance <= max(1, min(3, wanted.count / 2)) else { return nil }
  return best.text
}

private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let above = row[j + 1]
      row[j + 1] = min(min(above, row[j]) + 1, diagonal + (x == y ? 0 : 1))
      diagonal = above
    }
  }
  return row[b.count]
}

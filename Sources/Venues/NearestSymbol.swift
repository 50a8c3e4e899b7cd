import Domain

/// The fault for a symbol that a source does not have, with the one that was probably meant.
func unknownSymbol(_ symbol: Symbol, at source: String, known: [Symbol]) -> Fault {
  let nearest = nearestSymbol(to: symbol, among: known)
  let remedy =
    nearest.map { "did you mean \($0)?" }
    ?? (known.isEmpty
      ? "it has no symbols at all" : "it has \(listed(known.map(\.description), most: 8))")
  return Fault(
    "find symbol", symbol.description, cause: "\(source) does not have it", remedy: remedy,
    exit: .data)
}

/// The known symbol with the fewest edits to the asked one, if that is no more than half its length;
/// the first in order among equals.
func nearestSymbol(to symbol: Symbol, among known: [Symbol]) -> Symbol? {
  let asked = Array(symbol.description.utf8)
  var best: (symbol: Symbol, distance: Int)?
  for candidate in known.sorted() {
    let distance = editDistance(asked, Array(candidate.description.utf8))
    if distance <= asked.count / 2, distance < best?.distance ?? .max {
      best = (candidate, distance)
    }
  }
  return best?.symbol
}

/// The first names of a list, and how many more there are.
func listed(_ names: [String], most: Int) -> String {
  let shown = names.prefix(most).joined(separator: ", ")
  return names.count > most ? "\(shown) and \(names.count - most) more" : shown
}

/// Levenshtein's distance by the two-row method.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var previous = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var current = [i + 1]
    for (j, y) in b.enumerated() {
      current.append(
        min(previous[j] + (x == y ? 0 : 1), previous[j + 1] + 1, current[j] + 1))
    }
    previous = current
  }
  return previous[b.count]
}

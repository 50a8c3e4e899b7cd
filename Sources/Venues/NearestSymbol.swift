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

/// The known symbol that a misspelt one was meant to be.
func nearestSymbol(to symbol: Symbol, among known: [Symbol]) -> Symbol? {
  let names = known.sorted().map(\.description)
  return Spelling.nearest(symbol.description, among: names).flatMap { Symbol($0) }
}

/// The first names of a list, and how many more there are.
func listed(_ names: [String], most: Int) -> String {
  let shown = names.prefix(most).joined(separator: ", ")
  return names.count > most ? "\(shown) and \(names.count - most) more" : shown
}

/// Finds the known word that a misspelt one was meant to be.
public enum Spelling {
  /// The known word nearest to `word`, if one is near enough to be worth proposing: at most one
  /// slip (a letter left out, added, changed, or two neighbours swapped) for every three letters,
  /// two in the shortest words never. Case and the difference of `-` and `_` cost nothing. Among
  /// equally near words the first of `candidates` wins.
  public static func nearest(_ word: String, among candidates: some Sequence<String>) -> String? {
    let wanted = folded(word)
    guard wanted.count <= maximumLengthCharacters else { return nil }
    var best: (word: String, distance: Int)?
    for candidate in candidates {
      let other = folded(candidate)
      let longest = max(wanted.count, other.count)
      let allowed = min(max(1, longest / 3), 3)
      guard other.count <= maximumLengthCharacters, abs(wanted.count - other.count) <= allowed
      else { continue }
      let found = distance(wanted, other)
      if found <= allowed, found < longest, found < best?.distance ?? .max {
        best = (candidate, found)
      }
    }
    return best?.word
  }

  /// Words longer than this are not compared: the work grows with the product of the lengths.
  static let maximumLengthCharacters = 64

  private static func folded(_ word: String) -> [UInt8] {
    word.utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 == 95 ? 45 : $0 }
  }

  /// The number of slips between two words, where no letter is touched twice ("optimal string
  /// alignment").
  ///
  /// Source: F. Damerau, "A technique for computer detection and correction of spelling errors",
  /// CACM 7 (1964).
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var older: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        let change = previous[j] + (a[i] == b[j] ? 0 : 1)
        var cost = min(change, previous[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          cost = min(cost, older[j - 1] + 1)
        }
        row.append(cost)
      }
      (older, previous) = (previous, row)
    }
    return previous[b.count]
  }
}

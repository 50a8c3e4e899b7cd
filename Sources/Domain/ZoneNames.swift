/// Finds the zone that a misspelt name probably meant.
enum ZoneNames {
  /// The nearest of the names, or nil when none is near: the same name in other letter case, the
  /// place without its region, then the fewest mistyped characters in either.
  static func nearest(to name: String, in names: [String]) -> String? {
    let wanted = folded(name)
    guard !wanted.isEmpty, wanted.count <= ZoneDatabase.maximumNameCharacters else { return nil }
    let candidates = names.map { (name: $0, folded: folded($0)) }
    if let same = candidates.first(where: { $0.folded == wanted }) { return same.name }
    let place = [UInt8(ascii: "/")] + wanted
    if let inRegion = candidates.first(where: { $0.folded.ends(with: place) }) {
      return inRegion.name
    }
    // The place alone, with a slip in it, is asked only where no whole name is near.
    return closest(wanted, candidates)
      ?? closest(
        wanted,
        candidates.compactMap { candidate in
          candidate.folded.lastIndex(of: UInt8(ascii: "/"))
            .map { (candidate.name, Array(candidate.folded[($0 + 1)...])) }
        })
  }

  private static func closest(
    _ wanted: [UInt8], _ candidates: [(name: String, folded: [UInt8])]
  ) -> String? {
    let tolerance = wanted.count / 4
    var best: (name: String, distance: Int)?
    for candidate in candidates where abs(candidate.folded.count - wanted.count) <= tolerance {
      let distance = Spelling.distance(wanted, candidate.folded)
      if distance <= tolerance, distance < best?.distance ?? .max {
        best = (candidate.name, distance)
      }
    }
    return best?.name
  }

  /// Lower case, with spaces and hyphens as underscores.
  private static func folded(_ name: String) -> [UInt8] {
    name.utf8.map {
      switch $0 {
      case 65...90: $0 + 32
      case UInt8(ascii: " "), UInt8(ascii: "-"): UInt8(ascii: "_")
      default: $0
      }
    }
  }
}

extension [UInt8] {
  fileprivate func ends(with tail: [UInt8]) -> Bool {
    count >= tail.count && self[(count - tail.count)...].elementsEqual(tail)
  }
}

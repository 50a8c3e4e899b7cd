/// Which rows of a source stand in the order of time, and which are out of it.
///
/// Kept is the longest part whose times grow from row to row, so that a single stray row never sets
/// good ones apart: the longest increasing subsequence (C. Schensted, "Longest increasing and
/// decreasing subsequences", 1961; here by binary search, n log n). Where several parts are as long,
/// the first rows are kept.
struct RowOrder {
  /// Whether each row is kept.
  private(set) var kept: [Bool]
  /// Whether the rows run from the newest to the oldest: more of them fall than rise.
  let isDescending: Bool

  init(_ times: [Int64]) {
    let falls = zip(times, times.dropFirst()).count { $0 > $1 }
    let rises = zip(times, times.dropFirst()).count { $0 < $1 }
    isDescending = falls > rises
    kept = Array(repeating: true, count: times.count)
    guard rises + 1 < times.count else { return }
    // From the end: how many rows the longest part has that begins with each row. `ends[n]` is the
    // latest time with which a part of n + 1 rows can begin, negated.
    var ends: [Int64] = []
    var lengths = [Int32](repeating: 0, count: times.count)
    for row in times.indices.reversed() {
      var (low, high) = (0, ends.count)
      while low < high {
        let middle = (low + high) / 2
        if ends[middle] < -times[row] { low = middle + 1 } else { high = middle }
      }
      if low < ends.count { ends[low] = -times[row] } else { ends.append(-times[row]) }
      lengths[row] = Int32(low + 1)
    }
    // From the beginning: the first row from which the rest can be had.
    var needed = Int32(ends.count)
    var last = Int64.min
    for row in times.indices {
      kept[row] = lengths[row] == needed && times[row] > last
      if kept[row] { (needed, last) = (needed - 1, times[row]) }
    }
  }
}

/// The offsets of one zone over all time, laid out for a lookup in constant time.
///
/// The transitions that the database lists are followed by 400 years of those that its closing rule
/// makes. The Gregorian calendar repeats after 400 years to the day of the week, so a later time is
/// looked up so many cycles earlier.
final class ZoneTable: Sendable {
  /// One kind of time that a zone keeps.
  struct TimeType: Hashable {
    var offset: Int32
    var isDaylight: Bool
    var letters: String
  }

  static let cycleSeconds: Int64 = 146_097 * 86_400

  private let types: [TimeType]
  private let spans: [ZoneSpan]
  private let typeOfSpan: [UInt16]
  /// The first second that is looked up a cycle earlier.
  private let repeatsFrom: Int64

  // The span that holds the first second of each bucket of 97 days, for the years in use.
  private static let bucketShift: Int64 = 23
  private static let bucketsFrom: Int64 = -(1 << 31)  // 1901
  private static let bucketsTo: Int64 = 1 << 34  // 2514
  private let buckets: [UInt16]

  /// The table of a zone that begins in the first of `types` and changes at `transitions` (times
  /// ascending), the rule holding after the last of them.
  init(
    types: [TimeType], transitions: [(time: Int64, type: Int)] = [], rule: ZoneRule? = nil
  ) {
    var types = types
    var changes = transitions
    var repeatsFrom = Int64.max
    if let rule {
      let last = changes.last?.time ?? ZoneSpan.beginningOfTime
      func index(_ type: TimeType) -> Int {
        if let known = types.firstIndex(of: type) { return known }
        types.append(type)
        return types.count - 1
      }
      let standard = index(rule.standard)
      if let daylight = rule.daylight {
        let inDaylight = index(daylight.type)
        // Before 1900 the rule of today is nobody's.
        let firstYear = CivilDateTime(localSeconds: max(last, -2_208_988_800)).date.year
        for year in firstYear...(firstYear + 402) {
          let begins = (time: rule.daylightBegins(year), type: inDaylight)
          let ends = (time: rule.daylightEnds(year), type: standard)
          changes += [begins, ends].filter { $0.time > last }
        }
        // Daylight time all year round ends where that of the next year begins: it goes on.
        func rank(_ change: (time: Int64, type: Int)) -> Int { change.type == inDaylight ? 1 : 0 }
        changes.sort { ($0.time, rank($0)) < ($1.time, rank($1)) }
        repeatsFrom =
          Int64(CivilDate(year: firstYear + 401, month: 1, day: 1).daysSinceEpoch) * 86_400
      } else if changes.last?.type != standard, !changes.isEmpty {
        // The list and the rule disagree only in a file that zic did not write; the list ends first.
        changes.append((last + 1, standard))
      }
    }

    var spans: [ZoneSpan] = []
    var typeOfSpan: [UInt16] = []
    var start = ZoneSpan.beginningOfTime
    var type = 0
    var reached = ZoneSpan.beginningOfTime
    func close(at end: Int64) {
      guard end > start else { return }
      let offset = types[type].offset
      spans.append(ZoneSpan(start: start, end: end, reached: reached, offset: offset))
      typeOfSpan.append(UInt16(type))
      reached = max(reached, end + Int64(offset))
      start = end
    }
    for change in changes {
      if change.type != type { close(at: max(change.time, ZoneSpan.beginningOfTime)) }
      type = change.type
    }
    close(at: ZoneSpan.endOfTime)
    self.types = types
    self.spans = spans
    self.typeOfSpan = typeOfSpan
    self.repeatsFrom = repeatsFrom

    var buckets: [UInt16] = []
    var index = 0
    if spans.count > 1 {
      for bucket in 0..<((Self.bucketsTo - Self.bucketsFrom) >> Self.bucketShift) {
        let first = Self.bucketsFrom + (bucket << Self.bucketShift)
        while spans[index].end <= first { index += 1 }
        buckets.append(UInt16(index))
      }
    }
    self.buckets = buckets
  }

  func span(at second: Int64) -> ZoneSpan {
    if second < repeatsFrom { return spans[index(at: second)] }
    let shift = ((second - repeatsFrom) / Self.cycleSeconds + 1) * Self.cycleSeconds
    var span = spans[index(at: second - shift)]
    span.start += shift
    span.end += shift
    span.reached += shift
    return span
  }

  func letters(at second: Int64) -> String { type(at: second).letters }

  func isDaylight(at second: Int64) -> Bool { type(at: second).isDaylight }

  private func type(at second: Int64) -> TimeType {
    var second = second
    if second >= repeatsFrom {
      second -= ((second - repeatsFrom) / Self.cycleSeconds + 1) * Self.cycleSeconds
    }
    return types[Int(typeOfSpan[index(at: second)])]
  }

  /// The index of the span that holds a second before `repeatsFrom`.
  private func index(at second: Int64) -> Int {
    let bucket = (second - Self.bucketsFrom) >> Self.bucketShift
    if bucket >= 0, bucket < buckets.count {
      var index = Int(buckets[Int(bucket)])
      while spans[index].end <= second { index += 1 }
      return index
    }
    var (low, high) = (0, spans.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if spans[middle].end <= second { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

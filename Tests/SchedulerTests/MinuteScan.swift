import Domain

/// The fires of five fields, found by looking at every minute: the rules of docs in their plainest
/// form, to hold the real search against.
struct MinuteScan {
  /// The values of minute, hour, day of the month, month and day of the week, Sunday being 0.
  var fields: [Set<Int>] = []
  /// Whether both fields of days must match.
  var bothDays = false
  /// Whether minute or hour begins with `*`.
  var isWildcard = false

  /// The fires between two instants, `reached` being how far the local clock has got.
  func fires(after start: Instant, before end: Instant, in zone: Zone) -> [Instant] {
    var fires: [Instant] = []
    var reached: Int64?
    var second = start.seconds - 2 * 86_400
    second -= second % 60
    while second < end.seconds {
      let time = Instant(seconds: second)
      let local = second + Int64(zone.offsetSeconds(at: time))
      var isFire = false
      if isWildcard {
        isFire = matches(local)
      } else if local >= reached ?? local {
        isFire = matches(local)
        if let reached, local - reached <= 3 * 3600 {
          for skipped in stride(from: reached, to: local, by: 60) where matches(skipped) {
            isFire = true
          }
        }
      }
      if isFire, time > start { fires.append(time) }
      reached = max(reached ?? local, local + 60)
      second += 60
    }
    return fires
  }

  private func matches(_ local: Int64) -> Bool {
    let civil = CivilDateTime(localSeconds: local)
    guard fields[0].contains(civil.minute), fields[1].contains(civil.hour),
      fields[3].contains(civil.date.month)
    else { return false }
    let inMonth = fields[2].contains(civil.date.day)
    let inWeek = fields[4].contains(civil.date.weekday)
    return bothDays ? inMonth && inWeek : inMonth || inWeek
  }
}

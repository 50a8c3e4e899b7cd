import Domain
import Scheduler
import Testing

/// Random expressions, zones and times, against a scan of every minute.
@Suite struct CronPropertyTests {
  /// Printed by every failure; a failure is replayed by running the test again.
  static let seed: UInt64 = 20_261_121

  private static let zones = [
    "UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Sao_Paulo",
    "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham", "Africa/Casablanca", "Asia/Gaza",
    "Antarctica/Troll", "Antarctica/Casey", "Pacific/Apia", "Asia/Pyongyang", "Europe/Dublin",
    "America/Caracas", "Asia/Tehran", "Pacific/Kwajalein", "Africa/Cairo", "America/Havana",
  ]

  /// Windows of two days, most of them around a change of the clocks.
  @Test(arguments: 0..<8)
  func agreesWithAScanOfMinutes(_ part: Int) throws {
    var random = SplitMix64(state: Self.seed &+ UInt64(part))
    for _ in 0..<60 {
      try check(from: &random, days: 2, nearChange: random.next() % 4 != 0)
    }
  }

  /// Windows of 40 days, for the fields of days.
  @Test func agreesWithAScanOfMonths() throws {
    var random = SplitMix64(state: Self.seed &+ 1000)
    for _ in 0..<30 { try check(from: &random, days: 40, nearChange: random.next() % 2 == 0) }
  }

  private func check(from random: inout SplitMix64, days: Int64, nearChange: Bool) throws {
    let zone = try ZoneDatabase.zone(random.element(of: Self.zones))
    let year = Int64(1990 + random.next() % 48)
    var start = Instant(
      seconds: (year - 1970) * 31_556_952 + Int64(random.next() % 525_600) * 60)
    let nextYear = start..<start + .days(370)
    if nearChange, let change = zone.transitions(in: nextYear).first {
      start = change - .minutes(Int64(random.next() % UInt64(days * 1000)))
    }
    let end = start + .days(days)
    let random = ScannedExpression.random(&random)
    let comment = Comment(
      rawValue: "seed \(Self.seed): \(random.text) \(zone) from \(start) to \(end)")
    let expression = try CronExpression(random.text)
    #expect(expression.isWildcard == random.scan.isWildcard, comment)

    let expected = random.scan.fires(after: start, before: end, in: zone)
    var fires: [Instant] = []
    var time = start
    while let next = expression.next(after: time, in: zone), next < end {
      guard next > time, fires.count <= expected.count else { break }
      fires.append(next)
      time = next
    }
    #expect(fires == expected, comment)

    var backward: [Instant] = []
    time = end
    while let previous = expression.previous(before: time, in: zone), previous > start {
      guard previous < time, backward.count <= expected.count else { break }
      backward.append(previous)
      time = previous
    }
    #expect(backward.reversed() == expected, comment)

    // From instants between the fires: nothing lies between the last and the next.
    var probe = start + .milliseconds(1)
    for _ in 0..<8 {
      let next = try #require(expression.next(after: probe, in: zone), comment)
      let previous = try #require(expression.previous(before: next, in: zone), comment)
      #expect(previous <= probe && next > probe, comment)
      #expect(expression.next(after: previous, in: zone) == next, comment)
      probe = probe + .milliseconds(days * 10_000_000)
    }
  }
}

/// An expression as sets made beside its text, so that reading the text is tested too.
private struct ScannedExpression {
  var text = ""
  var scan = MinuteScan()

  static func random(_ random: inout SplitMix64) -> ScannedExpression {
    var expression = ScannedExpression()
    var texts: [String] = []
    // Mostly minutes and hours, so that two days hold fires.
    let starChance: [UInt64] = [3, 4, 7, 7, 7]
    for (index, range) in [0...59, 0...23, 1...31, 1...12, 0...7].enumerated() {
      let (text, values) =
        random.next() % 10 < starChance[index]
        ? ("*", Set(range)) : list(in: range, &random)
      texts.append(text)
      expression.scan.fields.append(index == 4 ? Set(values.map { $0 % 7 }) : values)
    }
    if texts[2] == "31" || texts[2] == "30" { texts[2] = "29"; expression.scan.fields[2] = [29] }
    expression.scan.bothDays = texts[2].hasPrefix("*") || texts[4].hasPrefix("*")
    if expression.scan.bothDays, texts[2] != "*", texts[4] != "*" {
      // Both fields of days at once may never come together in the months chosen.
      texts[3] = "*"
      expression.scan.fields[3] = Set(1...12)
    }
    if !expression.scan.fields[2].contains(where: { $0 < 30 }), expression.scan.bothDays {
      texts[3] = "*"
      expression.scan.fields[3] = Set(1...12)
    }
    expression.scan.isWildcard = texts[0].hasPrefix("*") || texts[1].hasPrefix("*")
    expression.text = texts.joined(separator: " ")
    return expression
  }

  private static func list(in range: ClosedRange<Int>, _ random: inout SplitMix64)
    -> (String, Set<Int>)
  {
    var texts: [String] = []
    var values: Set<Int> = []
    for _ in 0...(random.next() % 3) {
      let a = random.value(in: range)
      let b = random.value(in: a...range.upperBound)
      let step = random.value(in: 1...(range.count - 2))
      switch random.next() % 5 {
      case 0:
        texts.append("*/\(step)")
        values.formUnion(stride(from: range.lowerBound, through: range.upperBound, by: step))
      case 1:
        texts.append("\(a)-\(b)")
        values.formUnion(a...b)
      case 2:
        texts.append("\(a)-\(b)/\(step)")
        values.formUnion(stride(from: a, through: b, by: step))
      case 3:
        texts.append("\(a)/\(step)")
        values.formUnion(stride(from: a, through: range.upperBound, by: step))
      default:
        texts.append("\(a)")
        values.insert(a)
      }
    }
    return (texts.joined(separator: ","), values)
  }
}

/// Random numbers from a seed. Source: S. Vigna's public-domain splitmix64.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func value(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  mutating func element(of list: [String]) -> String { list[value(in: 0...list.count - 1)] }
}

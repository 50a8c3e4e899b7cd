import Testing

@testable import Domain

@Suite struct ZoneTests {
  @Test func readsEveryZoneOfTheSystem() throws {
    let names = ZoneDatabase.names
    #expect(names.count > 400)
    #expect(names.contains("America/Argentina/Buenos_Aires"))
    #expect(names == names.sorted() && Set(names).count == names.count)
    for name in names {
      let zone = try ZoneDatabase.zone(name)
      var span = zone.span(at: Instant(seconds: -10_000_000_000))
      #expect(span.start == ZoneSpan.beginningOfTime)
      // Stretches meet, and each says how far the clocks had got before it.
      var reached = ZoneSpan.beginningOfTime
      var isSound = true
      while span.end < 20_000_000_000 {
        isSound = isSound && span.reached == reached
        reached = max(reached, span.end + Int64(span.offset))
        let following = zone.span(atSecond: span.end)
        isSound = isSound && following.start == span.end && following.end > following.start
        isSound = isSound && zone.span(atSecond: span.end - 1) == span
        span = following
      }
      #expect(isSound, "\(name)")
    }
  }

  @Test(arguments: ["America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Asia/Gaza"])
  func repeatsAfterFourHundredYears(_ name: String) throws {
    let zone = try ZoneDatabase.zone(name)
    let cycle: Int64 = 146_097 * 86_400
    let seconds = stride(from: Int64(5_000_000_000), to: 17_000_000_000, by: 864_013)
    let repeated = seconds.allSatisfy { second in
      var later = zone.span(atSecond: second + cycle)
      later.start -= cycle
      later.end -= cycle
      later.reached -= cycle
      return later == zone.span(atSecond: second)
    }
    #expect(repeated)
    let far = Instant.distantFuture
    #expect(zone.civil(at: far).date.year >= 9999)
  }

  // Rules as tzdata 2025b ends its files with; the instants from `zdump -v` (glibc).
  @Test(arguments: [
    ("EST5EDT,M3.2.0,M11.1.0", 2026, 1_772_953_200, 1_793_512_800),
    ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 2026, 1_791_041_400, 1_775_314_800),
    // Ireland's daylight time is negative, in winter.
    ("IST-1GMT0,M10.5.0,M3.5.0/1", 2026, 1_792_890_000, 1_774_746_000),
    // Before midnight on the day before: Nuuk.
    ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2026, 1_774_746_000, 1_792_890_000),
  ])
  func followsRules(_ text: String, _ year: Int, _ begins: Int64, _ ends: Int64) throws {
    let rule = try #require(ZoneRule(text))
    #expect(rule.daylightBegins(year) == begins)
    #expect(rule.daylightEnds(year) == ends)
  }

  @Test func countsDaysOfTheYear() throws {
    // J60 is 1 March in every year, 59 is 29 February in leap years and 1 March in others.
    for (text, date) in [
      ("AAA0BBB,J60/0,J365/23", CivilDate(year: 2028, month: 3, day: 1)),
      ("AAA0BBB,59/0,J365/23", CivilDate(year: 2028, month: 2, day: 29)),
    ] {
      let rule = try #require(ZoneRule(text))
      #expect(rule.daylightBegins(2028) == Int64(date.daysSinceEpoch) * 86_400)
    }
  }

  @Test(arguments: [
    "", "EST", "ES5", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0",
    "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0", "<+05-5", "EST25", "EST5EDT,J0,J1",
    "EST5EDT,366,1", "EST5EDT,M3.2.0/168,M11.1.0", "EST5EDT,M3.2.0,M11.1.0,", "EST5:60",
  ])
  func refusesOtherRules(_ text: String) {
    #expect(ZoneRule(text) == nil)
  }

  @Test func daylightTimeAllYearRoundHasNoGaps() throws {
    let rule = try #require(ZoneRule("XXX3EDT4,0/0,J365/23"))
    let table = ZoneTable(types: [rule.standard], rule: rule)
    let seconds = stride(from: Int64(1_000_000_000), to: 2_000_000_000, by: 86_399)
    #expect(seconds.allSatisfy { table.span(at: $0).offset == -4 * 3600 })
  }

  @Test func refusesDamagedFiles() throws {
    let whole = Self.file(transitions: [1000, 2000], footer: "EST5EDT,M3.2.0,M11.1.0")
    _ = try ZoneFile.table(whole)
    for count in 0..<whole.count - 1 {
      // Cut within the footer it may still be a rule; before it, never a zone.
      if count < whole.count - 24 {
        #expect(throws: ZoneFile.Damage.self) { try ZoneFile.table(Array(whole.prefix(count))) }
      } else {
        do { _ = try ZoneFile.table(Array(whole.prefix(count))) } catch {
          #expect(!error.cause.isEmpty)
        }
      }
    }
    for index in whole.indices {
      for value in [UInt8(0), 0x7F, 0xFF] {
        var damaged = whole
        damaged[index] = value
        do { _ = try ZoneFile.table(damaged) } catch { #expect(!error.cause.isEmpty) }
      }
    }
    #expect(throws: ZoneFile.Damage.self) {
      try ZoneFile.table(Self.file(transitions: [2000, 1000], footer: ""))
    }
  }

  /// A file of version 2 with two types, +1 h `AAA` and 0 h `BBB`, in turn.
  private static func file(transitions: [Int64], footer: String) -> [UInt8] {
    func header(_ counts: [UInt32]) -> [UInt8] {
      Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
        + counts.flatMap { n in
          (0..<4).map { UInt8(truncatingIfNeeded: n >> (24 - 8 * UInt32($0))) }
        }
    }
    let times = transitions.flatMap { time in
      (0..<8).map { UInt8(truncatingIfNeeded: time >> (56 - 8 * Int64($0))) }
    }
    let types: [UInt8] = [0, 0, 0x0E, 0x10, 0, 0, 0, 0, 0, 0, 1, 4]
    return header([0, 0, 0, 0, 0, 0])
      + header([0, 0, 0, UInt32(transitions.count), 2, 8]) + times
      + transitions.indices.map { UInt8(($0 + 1) % 2) } + types + Array("AAA\0BBB\0".utf8)
      + Array("\n\(footer)\n".utf8)
  }

  @Test(arguments: [
    ("America/New_Yrok", "America/New_York"), ("america/new_york", "America/New_York"),
    ("New_York", "America/New_York"), ("New York", "America/New_York"),
    ("Europe/Berlim", "Europe/Berlin"), ("utc", "UTC"), ("Asia/Calcuta", "Asia/Calcutta"),
    ("Europe/London ", "Europe/London"), ("GMT+00", "GMT+0"),
    ("Pariss", "Europe/Paris"), ("New Yorc", "America/New_York"),
  ])
  func proposesTheNearestName(_ name: String, _ nearest: String) {
    do {
      _ = try ZoneDatabase.zone(name)
      Issue.record("was read")
    } catch {
      #expect(error.exit == .configuration)
      #expect(error.remedy == "did you mean \(nearest)?")
      #expect(error.description == "cannot read the time zone `\(name)`: there is no such zone")
    }
  }

  @Test(arguments: [
    "", "/", "../../../etc/passwd", "America/../../../../etc/passwd", "America/./New_York",
    "/usr/share/zoneinfo/Europe/London", "America", "America/", "right/Europe/London",
    "posix/Europe/London", "localtime", "tzdata.zi", "America\0/New_York", "Ünited/Kingdom",
    "PST", "A/B/C/D", String(repeating: "A", count: 100_000),
  ])
  func refusesOtherNames(_ name: String) {
    #expect(throws: Fault.self) { try ZoneDatabase.zone(name) }
  }

  @Test func isReadFromManyTasksAtOnce() async throws {
    let names = ZoneDatabase.names
    let time = try #require(Instant(rfc3339: "2026-07-01"))
    let sums = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          try names.reduce(0) { try $0 + ZoneDatabase.zone($1).offsetSeconds(at: time) }
        }
      }
      return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
    }
    #expect(sums.count == 1)
  }

  @Test func tellsItsRelease() throws {
    // 2025b: a year and a letter.
    let version = try #require(ZoneDatabase.version)
    #expect(version.prefix(4).allSatisfy(\.isNumber) && version.count >= 5)
  }

  @Test func showsCivilTime() throws {
    let zone = try ZoneDatabase.zone("America/New_York")
    let before = try #require(Instant(rfc3339: "2026-03-08T06:59:59Z"))
    #expect(zone.civil(at: before).description == "2026-03-08 01:59:59")
    #expect(zone.abbreviation(at: before) == "EST" && !zone.isDaylight(at: before))
    let after = before + .seconds(1)
    #expect(zone.civil(at: after).description == "2026-03-08 03:00")
    #expect(zone.abbreviation(at: after) == "EDT" && zone.isDaylight(at: after))
    #expect(zone.civil(at: after) > zone.civil(at: before))
    let year =
      try #require(Instant(rfc3339: "2026-01-01"))..<#require(Instant(rfc3339: "2027-01-01"))
    #expect(
      zone.transitions(in: year)
        == [after, try #require(Instant(rfc3339: "2026-11-01T06:00:00Z"))])
    #expect(Zone.utc.transitions(in: year).isEmpty)
    #expect(Zone.utc.civil(at: .epoch).description == "1970-01-01 00:00")
    #expect(Zone.utc.abbreviation(at: .epoch) == "UTC")
  }

  @Test(arguments: [
    ("2026-03-08", 2, 30, "2026-03-08T07:00:00Z"),  // in the gap: the instant of the jump
    ("2026-03-08", 1, 59, "2026-03-08T06:59:00Z"), ("2026-03-08", 3, 0, "2026-03-08T07:00:00Z"),
    ("2026-11-01", 1, 30, "2026-11-01T05:30:00Z"),  // in the overlap: the first pass
    ("2026-11-01", 2, 0, "2026-11-01T07:00:00Z"), ("2026-06-01", 9, 30, "2026-06-01T13:30:00Z"),
  ])
  func findsTheFirstInstantOfCivilTime(_ date: String, _ hour: Int, _ minute: Int, _ time: String)
    throws
  {
    let zone = try ZoneDatabase.zone("America/New_York")
    let date = try #require(Instant(rfc3339: date))
    let civil = CivilDateTime(
      date: Zone.utc.civil(at: date).date, hour: hour, minute: minute)
    #expect(zone.firstInstant(of: civil) == Instant(rfc3339: time))
    #expect(civil.hour == hour && civil.minute == minute && civil.second == 0)
  }
}

import Domain
import Scheduler
import Testing

@Suite struct CronSyntaxErrorTests {
  struct Row: CustomTestStringConvertible, Sendable {
    var text: String
    var message: String
    /// The text at fault, counted from the column.
    var column: Int
    var length: Int
    var mend: String?
    var testDescription: String { text }

    init(_ text: String, _ message: String, _ column: Int, _ length: Int, _ mend: String?) {
      (self.text, self.message, self.column, self.length, self.mend) =
        (text, message, column, length, mend)
    }
  }

  static let rows = [
    // Out of range.
    Row("5 25 * * *", "hour 25 is outside 0-23", 2, 2, "did you mean 1 or 23?"),
    Row("60 * * * *", "minute 60 is outside 0-59", 0, 2, "did you mean 0?"),
    Row("* 24 * * *", "hour 24 is outside 0-23", 2, 2, "did you mean 0?"),
    Row("* * 0 * *", "day-of-month 0 is outside 1-31", 4, 1, "days of a month begin at 1"),
    Row(
      "* * 32 * *", "day-of-month 32 is outside 1-31", 4, 2,
      "write L for the last day of the month"),
    Row("* * * 0 *", "month 0 is outside 1-12", 6, 1, "months begin at 1"),
    Row("* * * 13 *", "month 13 is outside 1-12", 6, 2, nil),
    Row("* * * * 8", "day-of-week 8 is outside 0-7", 8, 1, "0 and 7 are Sunday"),
    Row("99999999999999999999 * * * *", "minute 99999999999999999999 is outside 0-59", 0, 20, nil),
    // Ranges that wrap around.
    Row(
      "* * * * fri-mon", "the day-of-week range fri-mon wraps around", 8, 7,
      "write fri,sat,sun,mon"),
    Row("* * * * 6-1", "the day-of-week range 6-1 wraps around", 8, 3, "write sat,sun,mon"),
    Row("* * * * 7-2", "the day-of-week range 7-2 wraps around", 8, 3, "write sun,mon,tue"),
    Row("* * * * 5-0", "the day-of-week range 5-0 wraps around", 8, 3, "write fri,sat,sun"),
    Row("* 22-2 * * *", "the hour range 22-2 wraps around", 2, 4, "write 22-23,0-2"),
    Row("59-0 * * * *", "the minute range 59-0 wraps around", 0, 4, "write 59,0"),
    Row(
      "* * * nov-feb *", "the month range nov-feb wraps around", 6, 7,
      "write nov,dec,jan,feb"),
    // Steps.
    Row("*/0 * * * *", "a step of 0 never advances", 2, 1, "write a number from 1 to 60"),
    Row(
      "*/90 * * * *", "a step of 90 is wider than the minute field, which has 60 values", 2, 2,
      "write one value, or @every 90m for an interval"),
    Row(
      "* */25 * * *", "a step of 25 is wider than the hour field, which has 24 values", 4, 2,
      "write one value, or @every 25h for an interval"),
    Row(
      "* * * * */8", "a step of 8 is wider than the day-of-week field, which has 7 values", 10, 1,
      "write one value"),
    Row("*/x * * * *", "the step `x` is not a number", 2, 1, "write a number from 1 to 60"),
    Row("*/ * * * *", "the step after / is missing", 2, 1, "write a number from 1 to 60"),
    Row("1/2/3 * * * *", "`1/2/3` has two steps", 4, 1, "write one"),
    // Dates that never come.
    Row(
      "0 0 30 2 *", "\"0 0 30 2 *\" never fires (30 February)", 4, 4,
      "write L as the day of the month if its last day is meant"),
    Row(
      "0 0 31 4 *", "\"0 0 31 4 *\" never fires (31 April)", 4, 4,
      "write L as the day of the month if its last day is meant"),
    Row(
      "0 0 31 apr,jun *", "\"0 0 31 apr,jun *\" never fires (no such dates)", 4, 10,
      "write L as the day of the month if its last day is meant"),
    Row(
      "0 0 30 2 */2", "\"0 0 30 2 */2\" never fires (30 February)", 4, 4,
      "write L as the day of the month if its last day is meant"),
    // The number of fields.
    Row("", "the expression is empty", 0, 1, "write five fields, such as \"30 9 * * mon-fri\""),
    Row("  ", "the expression is empty", 0, 2, "write five fields, such as \"30 9 * * mon-fri\""),
    Row(
      "* * * *", "4 fields where five are needed", 0, 7,
      "write minute hour day-of-month month day-of-week"),
    Row(
      "5", "one field where five are needed", 0, 1,
      "write minute hour day-of-month month day-of-week"),
    Row(
      "0 30 9 * * 1",
      "six fields where five are needed: some schedulers lead with seconds, others end with a year",
      0, 12,
      "write \"30 9 * * 1\" if the first field is seconds"),
    Row(
      "0 30 9 * * 1 2026", "7 fields where five are needed", 0, 17,
      "write minute hour day-of-month month day-of-week"),
    // Characters.
    Row("５ * * * *", "`５` is not an ASCII digit", 0, 1, "write 5"),
    Row("٣ * * * *", "`٣` is not an ASCII digit", 0, 1, "write 3"),
    Row("1–5 * * * *", "`–` is not a hyphen", 1, 1, "write -"),
    Row(
      "* *\u{A0}* * *", "a character that looks like a space but is none (U+A0)", 3, 1,
      "write a space"),
    Row("* * * * 🔔", "a character that has no meaning here", 8, 1, nil),
    // Values.
    Row("* * ? * *", "`?` is not a day-of-month", 4, 1, "write *"),
    Row("mon * * * *", "`mon` is not a minute", 0, 3, "weekdays stand in the fifth field"),
    Row("* * jan * *", "`jan` is not a day-of-month", 4, 3, "months stand in the fourth field"),
    Row("* * * * monday", "`monday` is not a day-of-week", 8, 6, "write mon"),
    Row(
      "* * * * mo", "`mo` is not a day-of-week", 8, 2,
      "write one of sun mon tue wed thu fri sat"),
    Row("+5 * * * *", "`+5` is not a minute", 0, 2, "write 0 to 59"),
    Row("-5 * * * *", "a value of the minute is missing", 0, 1, "write 0 to 59"),
    Row("5- * * * *", "a value of the minute is missing", 2, 1, "write 0 to 59"),
    Row("1-2-3 * * * *", "`1-2-3` has more than two ends", 0, 5, "write a range such as 0-5"),
    Row("1,,2 * * * *", "the minute list has an empty item", 2, 1, "remove the comma"),
    Row("1, * * * *", "the minute list has an empty item", 2, 1, "remove the comma"),
    Row("H * * * *", "`H` is not a minute", 0, 1, "write 0 to 59"),
    // The last and the n-th.
    Row(
      "* * L-3 * *", "only a plain L, the last day of the month, is understood here", 4, 3,
      "write L"),
    Row(
      "* * LW * *", "only a plain L, the last day of the month, is understood here", 4, 2,
      "write L"),
    Row("* * 15W * *", "`15W` is not a day-of-month", 4, 3, "write 1 to 31"),
    Row(
      "* * * * L", "L in the day-of-week field needs a day", 8, 1,
      "write friL for the last Friday of the month, or sat for every Saturday"),
    Row(
      "* * * * 5#6", "`5#6`: after # stands which of the month's five at most, and nothing else",
      8, 3, "write 5#1 to 5#5, or 5L"),
    Row(
      "* * * * 5#0", "`5#0`: after # stands which of the month's five at most, and nothing else",
      8, 3, "write 5#1 to 5#5, or 5L"),
    Row("* * * * 8#1", "day-of-week 8 is outside 0-7", 8, 1, "0 and 7 are Sunday"),
    // Whole expressions.
    Row(
      "@reboot", "@reboot is no time, so it has no slots", 0, 7,
      "Carillon pays at start what it owes from before; give the job a time"),
    Row(
      "@dayly", "there is no `@dayly`", 0, 6,
      "write one of @annually @daily @hourly @midnight @monthly @weekly @yearly, or @every 6h"),
    Row("@daily 5", "@daily stands alone", 7, 1, "write @daily"),
    Row(
      "@every", "@every takes one interval", 0, 6,
      "write @every 6h, or @every 6h/1m for one minute past"),
    Row(
      "@every 6", "`6` is no length of time", 7, 1,
      "write a number and a unit, such as 90s, 5m, 6h, 1d or 1w"),
    Row("@every 100ms", "an interval of 100ms is too short", 7, 5, "the shortest is 1s"),
    Row("@every 6h/7h", "the phase 7h is not shorter than the interval 6h", 10, 2, "write 1h"),
    Row("@every 6h/1m/1s", "an interval has one phase at most", 13, 2, "write 6h or 6h/1m"),
  ]

  @Test(arguments: rows)
  func refuses(_ row: Row) {
    do {
      _ = try CronExpression(row.text)
      Issue.record("was read")
    } catch {
      #expect(error.message == row.message)
      #expect(error.columns == row.column..<row.column + row.length)
      #expect(error.mend == row.mend)
    }
  }

  /// Broken texts end in an error with a place in the text, or are read and fire.
  @Test func survivesBrokenText() throws {
    let seed: UInt64 = 20_261_121
    var state = seed
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407  // Knuth's MMIX
      return Int(state >> 33) % count
    }
    let alphabet = Array("0123456789*/,-#L@ \tmonfrijanevryhd?WH+é５–\u{0}\u{301}🔔\n")
    let sound = ["30 9 * * mon-fri", "*/5 0-23/2 1,15,L * 5#2", "@every 6h/1m", "0 0 29 2 friL"]
    for _ in 0..<4000 {
      var text = random(4) == 0 ? [] : Array(sound[random(sound.count)])
      for _ in 0...random(6) {
        let at = random(text.count + 1)
        switch random(3) {
        case 0: text.insert(alphabet[random(alphabet.count)], at: at)
        case 1 where at < text.count: text.remove(at: at)
        case 2 where at < text.count: text[at] = alphabet[random(alphabet.count)]
        default: text += Array(sound[random(sound.count)].prefix(random(12)))
        }
      }
      do {
        let expression = try CronExpression(String(text))
        let next = try #require(expression.next(after: .epoch, in: .utc), "\(seed): \(text)")
        #expect(next > .epoch && !expression.words.isEmpty)
      } catch let error as CronSyntaxError {
        #expect(
          error.columns.lowerBound >= 0 && error.columns.upperBound <= text.count + 1,
          "\(seed): \(String(text)): \(error)")
      }
    }
  }

  @Test func refusesEndlessText() {
    let text = String(repeating: "1,", count: 100_000) + "1 * * * *"
    #expect(throws: CronSyntaxError.self) { try CronExpression(text) }
  }

  @Test(arguments: [
    ("0 0 1 * 1", "on day 1 of the month, and on Mondays"),
    ("0 0 1,15 * mon-fri", "on days 1 and 15 of the month, and on Mondays to Fridays"),
    ("0 0 */2 * 5", "both must match"),
    ("0 0 1-31 * 1", "fires every day"), ("0 0 1 * 0-6", "fires every day"),
  ])
  func warnsOfBothFieldsOfDays(_ text: String, _ part: String) throws {
    let warning = try #require(try CronExpression(text).warnings.first)
    #expect(warning.message.contains(part))
    #expect(warning.columns == 4..<text.count)
  }

  @Test(arguments: ["0 0 1 * *", "0 0 * * 1", "* * * * *", "0 0 1-31 * *"])
  func doesNotWarnOfOne(_ text: String) throws {
    #expect(try CronExpression(text).warnings.isEmpty)
  }
}

import Domain
import StrictYAML
import Testing

/// Typed values, and the mistakes that are told where a value is another.
struct MappingReaderTests {
  enum Fruit: String, CaseIterable { case apple, pear, cherry }

  private func reader(_ text: String) throws -> MappingReader {
    MappingReader(try YAMLDocument.parse(text, file: "f"), log: DiagnosticLog())
  }

  @Test func readsEveryType() throws {
    let r = try reader(
      """
      string: 5
      integer: -3
      number: 1.5e2
      flag: true
      amount: "12.50"
      span: 1h30m
      instant: "2026-03-08T07:00:00Z"
      job: fetch-2
      fruit: pear
      one: a
      many: [a, b]
      inner: { x: 1 }
      """)
    #expect(r.string("string") == "5")
    #expect(r.integer("integer") == -3)
    #expect(r.number("number") == 150)
    #expect(r.flag("flag") == true)
    #expect(r.amount("amount") == Amount("12.5"))
    #expect(r.span("span") == .minutes(90))
    #expect(r.instant("instant") == Instant(rfc3339: "2026-03-08T07:00:00Z"))
    #expect(r.jobName("job") == JobName("fetch-2"))
    #expect(r.choice("fruit", Fruit.self) == .pear)
    #expect(r.strings("one") == ["a"])
    #expect(r.strings("many") == ["a", "b"])
    #expect(r.mapping("inner")?.integer("x") == 1)
    #expect(r.string("absent") == nil)
    r.finish()
    #expect(r.log.diagnostics.items.isEmpty)
  }

  static let mistakes: [(text: String, message: String, mend: String?)] = [
    (
      "integer: \"5\"", "`integer` must be a whole number from 0 to 9, not a text",
      "write it without quotes"
    ),
    ("integer: 12", "`integer` must be a whole number from 0 to 9, not `12`", nil),
    ("integer: 1.0", "`integer` must be a whole number from 0 to 9, not `1.0`", nil),
    ("integer: [1]", "`integer` must be a whole number from 0 to 9, not a list", nil),
    ("integer:", "`integer` has no value", "give it one, or remove the key"),
    ("number: nan", "`number` must be a number, not `nan`", nil),
    ("number: 0x10", "`number` must be a number, not `0x10`", nil),
    ("number: 1e999", "`number` must be a number, not `1e999`", nil),
    ("flag: yes", "`flag` must be true or false, not `yes`", "write `true`"),
    ("flag: off", "`flag` must be true or false, not `off`", "write `false`"),
    ("span: 5 minutes", "`span` must be a span like 90s, 5m or 1h30m, not `5 minutes`", nil),
    (
      "span: 300", "`span` must be a span with its unit, not `300`",
      "write `300s` for seconds, `300m` for minutes"
    ),
    (
      "fruit: chery", "`fruit` must be one of apple, pear, cherry, not `chery`",
      "did you mean `cherry`?"
    ),
    ("fruit: stone", "`fruit` must be one of apple, pear, cherry, not `stone`", nil),
    ("inner: 5", "`inner` must be a mapping of keys to values, not a text", nil),
    ("intger: 5", "unknown key `intger`", "did you mean `integer`?"),
    (
      "zzz: 5", "unknown key `zzz`",
      "known are `integer`, `number`, `flag`, `span`, `fruit`, `inner`"
    ),
  ]

  @Test(arguments: mistakes)
  func tells(row: (text: String, message: String, mend: String?)) throws {
    let r = try reader(row.text + "\n")
    _ = r.integer("integer", in: 0...9)
    _ = r.number("number")
    _ = r.flag("flag")
    _ = r.span("span")
    _ = r.choice("fruit", Fruit.self)
    _ = r.mapping("inner")
    r.finish()
    #expect(r.log.diagnostics.items.map(\.message) == [row.message])
    #expect(r.log.diagnostics.items.first?.mend == row.mend)
  }

  @Test func tellsMissingKeysAndKeepsCollecting() throws {
    let r = try reader("inner: { a: x }\nzz: 1\n")
    _ = r.string("name", required: true)
    let inner = r.mapping("inner")
    _ = inner?.integer("a")
    _ = inner?.integer("b", required: true)
    inner?.finish()
    r.finish()
    #expect(
      r.log.diagnostics.items.map(\.message) == [
        "`name` is missing", "`b` is missing in `inner`", "`a` must be a whole number, not `x`",
        "unknown key `zz`",
      ])
  }

  /// Distances by hand: a swap, a dropped letter, a changed one; too far; hyphen for underscore.
  @Test(arguments: [
    ("fecth", "fetch"), ("timzone", "timezone"), ("corn", "cron"), ("on_failure", "on-failure"),
    ("Timeout", "timeout"), ("xyz", nil), ("", nil), ("a", nil), ("deadlines", "deadline"),
  ])
  func findsTheNearestWord(word: String, expected: String?) {
    let known = ["fetch", "timezone", "cron", "on-failure", "timeout", "deadline", "b"]
    #expect(Spelling.nearest(word, among: known) == expected)
  }
}

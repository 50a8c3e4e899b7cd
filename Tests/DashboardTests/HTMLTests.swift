import Dashboard
import Domain
import Testing

/// Text stays text, whatever it says.
@Suite struct HTMLTests {
  @Test(arguments: [
    // The five characters that markup is made of (HTML 13.1.2.3 and 13.1.4).
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("a & b", "a &amp; b"), ("\" onload=\"x", "&quot; onload=&quot;x"), ("it's", "it&#39;s"),
    ("&lt;", "&amp;lt;"),
    // Controls, and what turns the direction of the text after it (CVE-2021-42574), show themselves.
    ("a\u{1B}[31mred", "a\u{FFFD}[31mred"), ("a\u{202E}b", "a\u{FFFD}b"), ("a\u{0}b", "a\u{FFFD}b"),
    ("line\nnext\ttab", "line\nnext\ttab"),
    // All else stands as it is.
    ("Zürich 株 🔔", "Zürich 株 🔔"),
  ])
  func texts(_ text: String, _ markup: String) {
    #expect(HTML(escaping: text).text == markup)
    let cell: HTML = "<td title=\"\(text)\">\(text)</td>"
    #expect(cell.text == "<td title=\"\(markup)\">\(markup)</td>")
  }

  @Test func piecesStayMarkup() {
    let inner: HTML = "<b>\("<")</b>"
    let outer: HTML = "<p>\(inner)\(3)\(HTML?.none)</p>"
    #expect(outer.text == "<p><b>&lt;</b>3</p>")
    #expect([inner, inner].joined.text == "<b>&lt;</b><b>&lt;</b>")
  }

  @Test func aFrameHoldsNoMarkupOfOthers() throws {
    let hostile = "\"><img src=x onerror=alert(1)>"
    let page = PageFrame(
      title: hostile, place: "/jobs", mode: hostile, standing: (.bad, hostile), halt: hostile,
      version: hostile, time: Instant(seconds: 1_764_000_000), clock: PageClock(zone: .utc)
    ).page("<p>content</p>")
    #expect(!page.contains("<img"))
    #expect(page.contains("<p>content</p>"))
    // 1,764,000,000 s after the epoch: `date -u -d @1764000000`.
    #expect(page.contains("2025-11-24 16:00:00Z"))
    #expect(page.contains("<a href=\"/jobs\" data-g=\"j\" aria-current=\"page\">Jobs</a>"))
    #expect(page.components(separatedBy: "aria-current").count == 2)
  }

  /// The policy of contents allows no style in an element and no script but the file: neither may be
  /// written anywhere.
  @Test func nothingIsInline() {
    var table = DataTable("t", ["a", .number("b")])
    table.add("x", "1")
    let page = PageFrame(
      title: "t", place: "/", mode: "paper", standing: (.good, "up"), halt: nil, version: "1",
      time: .epoch, clock: PageClock(zone: .utc)
    ).page(table.html)
    for part in ["style=", "<style", "onclick", "javascript:", "http://", "https://"] {
      #expect(!page.contains(part), "\(part)")
    }
  }

  @Test func assetsAreSmall() throws {
    let script = try #require(Asset.all["/assets/carillon.js"])
    #expect(script.text.utf8.count <= 10 * 1024)
    // Each page has a key of its own, and none of those that mean something else.
    #expect(Set(PageFrame.places.map(\.key)).count == PageFrame.places.count)
    #expect(PageFrame.places.allSatisfy { $0.key.isLetter && $0.key != "g" })
    #expect(Asset.all["/assets/carillon.css"] != nil)
    #expect(Asset.all["/assets/warning.svg"]?.type == "image/svg+xml")
  }
}

extension String {
  /// The parts between a divider.
  fileprivate func components(separatedBy divider: String) -> [Substring] {
    split(separator: divider, omittingEmptySubsequences: false)
  }
}

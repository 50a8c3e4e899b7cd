import Domain
import Testing

@testable import Dashboard

/// What is sent to open pages: what changed, and no more.
@Suite struct LiveContentTests {
  private static func table(_ caption: String, _ value: String) -> HTML {
    var table = DataTable(caption, ["Job", "State"])
    table.add("fetch", HTML(escaping: value))
    return table.html
  }

  private static func content(_ first: String, _ second: String, tail: HTML = "") -> LiveContent {
    PageFrame.content("Jobs", "\(table("A", first))<p>between</p>\(table("B", second))\(tail)")
  }

  private static func text(_ bytes: [UInt8]?) -> String? {
    bytes.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func onlyWhatChangedIsSent() throws {
    let (before, after) = (Self.content("up", "new"), Self.content("up", "late"))
    let change = try #require(Self.text(after.changes(since: before.digest)))
    #expect(change.hasPrefix("<div id=\"p1\" class=\"scroll\"") && change.hasSuffix("</div>"))
    #expect(change.contains("late") && !change.contains("between") && !change.contains("up"))
    #expect(before.changes(since: before.digest) == [])
    #expect(before.digest.tag != after.digest.tag)
    #expect(before.digest == Self.content("up", "new").digest)
  }

  @Test func moreThanPartsIsSentWhole() throws {
    let (before, after) = (
      Self.content("up", "new"), Self.content("up", "new", tail: "<p>more</p>")
    )
    #expect(after.changes(since: before.digest) == nil)
    // A part more.
    let third = Self.content("up", "new", tail: Self.table("C", "x"))
    #expect(third.changes(since: before.digest) == nil)
    let whole = try #require(Self.text(after.whole))
    #expect(
      whole.hasPrefix("<main id=\"main\" data-live=\"\(after.digest.tag)\"><h1>Jobs</h1>"))
    #expect(whole.hasSuffix("<p>more</p>\n</main>"))
  }

  /// A part in a part goes with it.
  @Test func partsInPartsAreOne() throws {
    func content(_ value: String) -> LiveContent {
      LiveContent(
        "<div\(HTML.part)><dl\(HTML.part)>\(value)</dl>\(HTML.partEnd)</div>\(HTML.partEnd)")
    }
    #expect(
      Self.text(content("b").changes(since: content("a").digest))
        == "<div id=\"p0\"><dl>b</dl></div>")
  }

  /// No text is a mark, and no mark is seen where nothing is exchanged.
  @Test func textsAreNoMarks() {
    let hostile = "\u{2}\u{3}\u{4}<b>"
    #expect(HTML(escaping: hostile).text == "\u{FFFD}\u{FFFD}\u{FFFD}&lt;b&gt;")
    #expect(Self.table("A", "up").text.hasPrefix("<div class=\"scroll\""))
    let content = LiveContent("<p>\(hostile)</p>")
    #expect(Self.text(content.whole)?.contains("id=\"p0\"") == false)
  }

  /// Each session has its own secret in its forms, and the content is the same.
  @Test func secretsArePutInLast() {
    let content = LiveContent("<input value=\"\(HTML.secret)\">")
    #expect(
      Self.text(LiveContent.filled(content.whole, secret: "abc"))?.contains("value=\"abc\"") == true
    )
    #expect(
      Self.text(LiveContent.filled(content.whole, secret: nil))?.contains("value=\"\"") == true)
  }
}

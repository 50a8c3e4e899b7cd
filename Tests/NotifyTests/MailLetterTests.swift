import Cryptography
import Domain
import Testing

@testable import Notify

/// Letters as RFC 5322, 2045 and 2047 want them.
@Suite struct MailLetterTests {
  /// Python: email.utils.format_datetime.
  @Test(arguments: [
    (0, "Thu, 1 Jan 1970 00:00:00 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
    (1_795_176_000, "Fri, 20 Nov 2026 12:00:00 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
  ])
  func aDate(_ seconds: Int64, _ text: String) {
    #expect(MailLetter.date(Instant(seconds: seconds)) == text)
  }

  @Test(arguments: [
    "plain words", "Schöne Grüße", String(repeating: "Grüße ", count: 40),
    "a\r\nBcc: x@example.org",
    "=?UTF-8?B?trick?=", "鐘🔔", String(repeating: "long ", count: 60),
  ])
  func aHeader(_ value: String) throws {
    let header = MailLetter.header("Subject", value)
    for line in header.split(separator: "\r\n") {
      #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
      #expect(line.count <= 78 + "Subject:".count)
      for word in line.split(separator: " ") where word.hasPrefix("=?UTF-8") {
        #expect(word.count <= 75)
      }
    }
    // Decoded again, it is the words.
    let words = header.dropFirst("Subject: ".count).split(separator: "\r\n ")
    let decoded = try words.map { word -> String in
      guard word.hasPrefix("=?UTF-8?B?"), word.hasSuffix("?=") else { return String(word) }
      return String(
        decoding: try #require(Base64.bytes(String(word.dropFirst(10).dropLast(2)))), as: UTF8.self)
    }.joined()
    #expect(decoded == Alert.line(value))
  }

  @Test func theWhole() throws {
    let message = WebTemplateTests.message("<b>no answer</b>\u{1B}[31m")
    let letter = MailLetter(message, from: "a@example.org", to: ["b@example.org", "c@example.org"])
    let text = String(decoding: letter.bytes, as: UTF8.self)
    #expect(letter.bytes.allSatisfy { $0 == 13 || $0 == 10 || ($0 >= 32 && $0 < 127) })
    for line in text.split(separator: "\r\n") { #expect(line.utf8.count <= 78) }
    #expect(text.replacing("\r\n", with: "").contains { $0 == "\r" || $0 == "\n" } == false)
    #expect(text.contains("\r\nMessage-ID: <carillon.7.1795176000000@example.org>\r\n"))
    #expect(text.contains("\r\nTo: b@example.org,\r\n c@example.org\r\n"))
    #expect(letter.html.contains("&lt;b&gt;no answer&lt;/b&gt; [31m"))
    #expect(!letter.html.contains("<b>"))
  }
}

import Domain
import Testing

@Suite struct PercentEncodingTests {
  // Expected: RFC 3986, 2.1 to 2.3, and Python's urllib.parse.quote(text, safe="" or "@:").
  @Test(arguments: [
    ("BTC-USDT_1.~", "BTC-USDT_1.~", "BTC-USDT_1.~"),
    (
      "fetch@2026-11-20T14:01:00Z", "fetch%402026-11-20T14%3A01%3A00Z", "fetch@2026-11-20T14:01:00Z"
    ),
    ("a b&c=d/e?f", "a%20b%26c%3Dd%2Fe%3Ff", "a%20b%26c%3Dd%2Fe%3Ff"),
    ("é\n", "%C3%A9%0A", "%C3%A9%0A"), ("", "", ""),
  ])
  func encodesAndReadsBack(text: String, query: String, path: String) {
    #expect(PercentEncoding.encoded(text) == query)
    #expect(PercentEncoding.encoded(text, .path) == path)
    #expect(PercentEncoding.decoded(query) == text)
    #expect(PercentEncoding.decoded(path) == text)
  }

  // A sign or a space is no digit, though Swift's own reader of numbers takes "+1" for one.
  @Test(arguments: [("100%", "100%"), ("%4", "%4"), ("%zz", "%zz"), ("%+1", "%+1"), ("%41", "A")])
  func whatIsNoCodeStays(text: String, expected: String) {
    #expect(PercentEncoding.decoded(text) == expected)
  }
}

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
  @Test(arguments: ["100%", "%4", "%zz", "%+1", "% 1", "%%41", "%ff", "%c3", "%ed%a0%80"])
  func whatIsNoCodeOrNoTextIsRefused(text: String) {
    #expect(PercentEncoding.decoded(text) == nil)
    #expect(FormText("a=\(text)") == nil)
    #expect(FormText("\(text)=a") == nil)
  }

  /// `+` is a blank in a form alone (WHATWG URL, application/x-www-form-urlencoded).
  @Test func formsHaveBlanks() {
    #expect(PercentEncoding.decoded("a+b%2Bc") == "a+b+c")
    #expect(PercentEncoding.decoded("a+b%2Bc", isForm: true) == "a b+c")
    let form = FormText("a=1&b=x+y%26z&&c&=d&a=2=3")
    #expect(
      form?.fields == [
        .init(name: "a", value: "1"), .init(name: "b", value: "x y&z"), .init(name: "c", value: ""),
        .init(name: "", value: "d"), .init(name: "a", value: "2=3"),
      ])
    #expect(FormText("")?.fields.isEmpty == true)
    let most = Array(repeating: "a=1", count: FormText.maximumFields).joined(separator: "&")
    #expect(FormText(most)?.fields.count == FormText.maximumFields)
    #expect(FormText(most + "&a=1") == nil)
  }
}

import Net
import Testing

@testable import Remote

@Suite("Answers of S3 stores")
struct S3ReplyTests {
  static func error(_ code: String) -> [UInt8] {
    Array(
      "<?xml version=\"1.0\"?>\n<Error><Code>\(code)</Code><Message>a &amp; b</Message></Error>"
        .utf8)
  }

  /// Codes as https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html has them.
  @Test(arguments: [
    (200, "", "done"), (204, "", "done"), (206, "", "done"),
    // An assembly of parts that failed after its status was sent.
    (200, "InternalError", "again"), (200, "SlowDown", "again"),
    (503, "SlowDown", "again"), (500, "", "again"), (400, "RequestTimeout", "again"),
    (429, "", "again"), (409, "OperationAborted", "again"),
    (404, "NoSuchKey", "absent"), (404, "", "absent"), (404, "NoSuchUpload", "refused"),
    (400, "InvalidPart", "refused"), (400, "InvalidRequest", "refused"),
    (403, "AccessDenied", "denied"), (401, "", "denied"), (405, "MethodNotAllowed", "denied"),
    (403, "RequestTimeTooSkewed", "skewed"), (403, "SignatureDoesNotMatch", "denied"),
  ]) func whatAnAnswerMeans(status: Int, code: String, meaning: String) {
    let body = code.isEmpty ? [] : Self.error(code)
    let found =
      switch S3Reply(HTTPResponse(status: status, body: body)) {
      case .done: "done"
      case .absent: "absent"
      case .denied: "denied"
      case .again: "again"
      case .skewed: "skewed"
      case .refused: "refused"
      }
    #expect(found == meaning)
  }

  @Test func elementsInTheirOrder() {
    let text = """
      <ListBucketResult xmlns="http://s3"><KeyCount>2</KeyCount><Contents><Key>a&amp;b</Key>\
      <Size>7</Size></Contents><Contents ><Key>&lt;&amp;lt;</Key></Contents><Empty/></ListBucketResult>
      """[...]
    let entries = XMLText.all("Contents", in: text)
    #expect(entries.map { XMLText.first("Key", in: $0) } == ["a&b", "<&lt;"])
    #expect(entries.map { XMLText.first("Size", in: $0) } == ["7", nil])
    #expect(XMLText.first("Empty", in: text) == "")
    #expect(XMLText.first("Missing", in: text) == nil)
    #expect(XMLText.first("Contents", in: "<Contents><Key>") == nil)
  }
}

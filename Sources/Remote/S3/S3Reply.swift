import Domain
import Net

/// What an answer of an S3 store means for the one who asked.
enum S3Reply {
  /// It is done.
  case done(HTTPResponse)
  /// There is none of the name.
  case absent
  /// The store does not do it, and will not.
  case denied(String)
  /// It may be done the next time.
  case again(String, after: TimeSpan?)
  /// Our clock and the store's are apart: its own, where it tells.
  case skewed(Instant?)
  /// It cannot be done as it was asked.
  case refused(code: String, String)

  init(_ response: HTTPResponse) {
    let body = String(decoding: response.body.prefix(4096), as: UTF8.self)[...]
    let code = XMLText.first("Code", in: body) ?? ""
    let message = XMLText.first("Message", in: body) ?? ""
    let told =
      "HTTP \(response.status)" + (code.isEmpty ? "" : " \(code)")
      + (message.isEmpty ? "" : ": \(message)")
    // An assembly of parts may fail after the status was sent: then the error stands in the body.
    let failed = response.status == 200 && body.contains("<Error>")
    switch (response.status, code) {
    case (_, "RequestTimeTooSkewed"):
      self = .skewed(response.header("Date").flatMap { HTTPDate.instant($0) })
    case (_, "NoSuchUpload"), (_, "InvalidPart"), (_, "InvalidPartOrder"):
      self = .refused(code: code, told)
    case (200...299, _) where !failed: self = .done(response)
    case (404, _): self = .absent
    case (_, "SlowDown"), (_, "RequestTimeout"), (_, "InternalError"), (_, "OperationAborted"),
      (429, _), (500...599, _), (200, _):
      self = .again(told, after: Self.wait(response))
    case (401, _), (403, _), (405, _): self = .denied(told)
    default: self = .refused(code: code, told)
    }
  }

  private static func wait(_ response: HTTPResponse) -> TimeSpan? {
    response.header("Retry-After").flatMap { Int64($0) }.map { .seconds(min(max($0, 0), 120)) }
  }
}

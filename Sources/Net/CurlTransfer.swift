import CCurl
import Domain
import Glibc

/// One request on its way through libcurl.
///
/// Made by the task that sends, then handed to the loop's thread, which alone touches it from there
/// on; the continuation is resumed once.
final class CurlTransfer: @unchecked Sendable {
  /// What all transfers of a transport have in common.
  struct Options: Sendable {
    let userAgent: String
    let proxy: String?
    /// A file of certificates to trust in the place of the system's.
    let caFile: String?
  }

  /// What became of a transfer, and how far it had come.
  struct End: Sendable {
    /// How far a request came that has no answer.
    enum Stage: Sendable {
      /// We did not take it.
      case refused
      /// Not a byte of it was sent.
      case notSent
      /// Some of it was sent.
      case sent
    }

    var result: Result<HTTPResponse, any Error>
    var stage: Stage
  }

  /// The largest header section that is taken, in bytes.
  private static let maximumHeaderBytes = 64 << 10
  /// Room for libcurl's message: CURL_ERROR_SIZE.
  private static let errorBytes = 256

  let id: UInt64
  let request: HTTPRequest
  /// The uptime by which it must have ended, the time in the queue included.
  let deadline: TimeSpan
  private let continuation: CheckedContinuation<End, Never>
  private var response = HTTPResponse(status: 0)
  private var headerBytes = 0
  private var isTooLarge = false
  private var sawEndOfHeaders = false
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private let message: UnsafeMutablePointer<CChar>

  init(
    id: UInt64, request: HTTPRequest, now: TimeSpan, continuation: CheckedContinuation<End, Never>
  ) {
    self.id = id
    deadline = now + request.timeout
    self.request = request
    self.continuation = continuation
    message = .allocate(capacity: Self.errorBytes)
    message.initialize(repeating: 0, count: Self.errorBytes)
  }

  deinit { message.deallocate() }

  func finish(_ result: Result<HTTPResponse, any Error>, _ stage: End.Stage) {
    continuation.resume(returning: End(result: result, stage: stage))
  }

  /// The fault of a request whose turn did not come in time.
  var tooLate: Fault {
    fault(
      cause: "its turn did not come within \(request.timeout): too much else is asked",
      remedy: "ask for less at once")
  }

  /// How far the request came.
  static func stage(of handle: UnsafeMutableRawPointer) -> End.Stage {
    var bytes = 0
    // Where libcurl does not tell, the worse is assumed.
    guard carillon_curl_get_long(handle, CURLINFO_REQUEST_SIZE, &bytes) == CURLE_OK else {
      return .sent
    }
    return bytes > 0 ? .sent : .notSent
  }

  /// Sets a handle up for this request; the transfer must live until the handle is released.
  func prepare(
    _ handle: UnsafeMutableRawPointer, _ options: Options, now: TimeSpan
  ) -> CURLcode {
    // A line end in a header would begin another header.
    let lines = request.headers.map { "\($0.name): \($0.value)" }
    guard lines.allSatisfy({ !$0.utf8.contains { $0 < 32 || $0 == 127 } }) else {
      return CURLE_BAD_FUNCTION_ARGUMENT
    }
    for line in lines {
      guard let list = curl_slist_append(headerList, line) else { return CURLE_OUT_OF_MEMORY }
      headerList = list
    }
    let this = Unmanaged.passUnretained(self).toOpaque()
    var codes = [
      carillon_curl_set_text(handle, CURLOPT_URL, request.url),
      carillon_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
      carillon_curl_set_text(handle, CURLOPT_PROXY, options.proxy ?? ""),
      carillon_curl_set_text(handle, CURLOPT_USERAGENT, options.userAgent),
      carillon_curl_set_text(handle, CURLOPT_ACCEPT_ENCODING, "gzip"),
      carillon_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
      carillon_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1),
      carillon_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2),
      carillon_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0),
      carillon_curl_set_long(handle, CURLOPT_TIMEOUT_MS, Self.timeout(deadline - now)),
      carillon_curl_set_long(
        handle, CURLOPT_CONNECTTIMEOUT_MS, Self.timeout(request.connectTimeout)),
      carillon_curl_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1),
      carillon_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headerList),
      carillon_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, message),
      carillon_curl_set_pointer(handle, CURLOPT_WRITEDATA, this),
      carillon_curl_set_pointer(handle, CURLOPT_HEADERDATA, this),
      carillon_curl_set_writer(handle, CURLOPT_WRITEFUNCTION, Self.takeBody),
      carillon_curl_set_writer(handle, CURLOPT_HEADERFUNCTION, Self.takeHeader),
    ]
    if let file = options.caFile {
      codes.append(carillon_curl_set_text(handle, CURLOPT_CAINFO, file))
    }
    if !request.isIdempotent {
      // On a connection that was used before, libcurl sends once more what got no answer.
      codes.append(carillon_curl_set_long(handle, CURLOPT_FRESH_CONNECT, 1))
      codes.append(carillon_curl_set_long(handle, CURLOPT_FORBID_REUSE, 1))
    }
    if let body = request.body ?? (request.method == "POST" ? [] : nil) {
      codes.append(carillon_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, body.count))
      body.withUnsafeBytes { bytes in
        let copied = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        // Without a body the size of 0 is all that matters, but the pointer must not be null.
        codes.append(
          carillon_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, copied ?? this))
      }
    }
    switch request.method {
    case "GET" where request.body == nil: break
    case "HEAD": codes.append(carillon_curl_set_long(handle, CURLOPT_NOBODY, 1))
    default:
      codes.append(carillon_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method))
    }
    return codes.first { $0 != CURLE_OK } ?? CURLE_OK
  }

  /// libcurl takes 0 for no limit at all, so that the least is one millisecond.
  private static func timeout(_ span: TimeSpan) -> Int {
    Int(min(max(span.milliseconds, 1), 86_400_000))
  }

  func releaseHeaders() {
    curl_slist_free_all(headerList)
    headerList = nil
  }

  /// What became of the transfer.
  func result(
    of handle: UnsafeMutableRawPointer, code: CURLcode
  ) -> Result<HTTPResponse, any Error> {
    guard code == CURLE_OK else { return .failure(fault(for: code)) }
    var status = 0
    guard carillon_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK else {
      return .failure(fault(cause: "libcurl does not tell the status", exit: .internal))
    }
    // libcurl takes an answer that ends among its headers for one without a body.
    guard sawEndOfHeaders else {
      return .failure(fault(cause: "the connection broke off: the headers are cut short"))
    }
    response.status = status
    return .success(response)
  }

  private static let takeBody: carillon_curl_writer = { bytes, size, count, context in
    guard let bytes, let context else { return 0 }
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    let length = size * count
    guard transfer.response.body.count + length <= transfer.request.maximumBodyBytes else {
      transfer.isTooLarge = true
      return 0
    }
    bytes.withMemoryRebound(to: UInt8.self, capacity: length) { start in
      transfer.response.body.append(
        contentsOf: UnsafeBufferPointer(start: start, count: length))
    }
    return length
  }

  private static let takeHeader: carillon_curl_writer = { bytes, size, count, context in
    guard let bytes, let context else { return 0 }
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    let length = size * count
    transfer.headerBytes += length
    guard transfer.headerBytes <= maximumHeaderBytes else {
      transfer.isTooLarge = true
      return 0
    }
    let line = bytes.withMemoryRebound(to: UInt8.self, capacity: length) { start in
      String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self)
    }
    transfer.take(headerLine: line)
    return length
  }

  private func take(headerLine line: String) {
    // A status line begins anew: what came before belonged to an interim response.
    if line.hasPrefix("HTTP/") {
      response.headers = []
      sawEndOfHeaders = false
      return
    }
    if line == "\r\n" || line == "\n" { sawEndOfHeaders = true }
    guard let colon = line.firstIndex(of: ":") else { return }
    let value = line[line.index(after: colon)...]
    response.headers.append(HTTPField(String(line[..<colon]), value.trimmed))
  }

  /// What libcurl's result means for the one who asked.
  func fault(for code: CURLcode) -> Fault {
    let detail = message.pointee == 0 ? String(cString: curl_easy_strerror(code)) : text
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
      return fault(
        cause: "the host cannot be reached: \(detail)",
        remedy: "check the address and the network of this machine")
    case CURLE_OPERATION_TIMEDOUT:
      return fault(cause: "no answer in time: \(detail)")
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_HTTP2,
      CURLE_HTTP2_STREAM, CURLE_SSL_CONNECT_ERROR:
      // A handshake that breaks off is like any other connection that does; a certificate that
      // does not hold is not.
      return fault(cause: "the connection broke off: \(detail)")
    case CURLE_WRITE_ERROR where isTooLarge:
      return fault(
        cause: "the answer is larger than \(request.maximumBodyBytes) bytes", exit: .data,
        isTransient: false)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
      CURLE_SSL_INVALIDCERTSTATUS:
      return fault(
        cause: "the host's certificate was not accepted: \(detail)",
        remedy: "install ca-certificates, and check the clock and the address", exit: .unavailable,
        isTransient: false)
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT:
      return fault(
        cause: "the request is not valid: \(detail)",
        remedy: "check the configured address; it begins with https://", exit: .configuration,
        isTransient: false)
    default:
      return fault(cause: detail, isTransient: false)
    }
  }

  func fault(
    cause: String, remedy: String? = nil, exit: ExitCode = .unavailable, isTransient: Bool = true
  ) -> Fault {
    // The query may hold a signature: it stays out.
    Fault(
      "ask", request.place, cause: cause, remedy: remedy, exit: exit, isTransient: isTransient)
  }

  private var text: String { String(cString: message) }
}

extension Substring {
  /// The text without blanks and line ends around it.
  fileprivate var trimmed: String {
    let bytes = utf8.drop { $0 <= 32 }
    let count = bytes.reversed().drop { $0 <= 32 }.count
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}

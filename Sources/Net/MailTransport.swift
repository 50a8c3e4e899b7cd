import CCurl
public import Domain
import Glibc

/// Sends mail by SMTP over libcurl, one letter at a time. It blocks.
public struct MailTransport: Sendable {
  /// How the server is spoken to.
  public enum Security: Hashable, Sendable {
    /// In the clear first, then encrypted or not at all (RFC 3207).
    case startTLS
    /// Encrypted from the first byte (RFC 8314).
    case implicit
    /// In the clear.
    case none
  }

  /// The server.
  public var host: String
  /// Its port.
  public var port: Int
  /// How it is spoken to.
  public var security: Security
  /// Who logs in; nil: nobody.
  public var login: (user: String, password: Secret)?
  /// A file of certificates to trust in the place of the system's.
  public var caFile: String?
  /// The time for one letter.
  public var timeout: TimeSpan

  /// A server.
  public init(
    host: String, port: Int, security: Security, login: (user: String, password: Secret)? = nil,
    caFile: String? = nil, timeout: TimeSpan
  ) {
    (self.host, self.port, self.security) = (host, port, security)
    (self.login, self.caFile, self.timeout) = (login, caFile, timeout)
  }

  /// Sends a letter.
  ///
  /// - Parameters:
  ///   - letter: the whole of it; libcurl doubles the dots that begin its lines.
  ///   - from: the envelope's sender.
  ///   - to: the envelope's receivers, each of whom must be accepted.
  /// - Throws: a `Fault`: transient where a later try may go better; `exit` is `data` where the server
  ///   refuses this letter for good.
  public func send(_ letter: [UInt8], from: String, to: [String]) throws(Fault) {
    guard let handle = curl_easy_init() else {
      throw fault(cause: "libcurl has no memory", isTransient: true)
    }
    defer { curl_easy_cleanup(handle) }
    var receivers: UnsafeMutablePointer<curl_slist>?
    for address in to { receivers = curl_slist_append(receivers, "<\(address)>") }
    defer { curl_slist_free_all(receivers) }
    let source = LetterSource(letter)
    let message = UnsafeMutablePointer<CChar>.allocate(capacity: 256)
    message.initialize(repeating: 0, count: 256)
    defer { message.deallocate() }
    let code = withExtendedLifetime(source) {
      let set = prepare(handle, from, receivers, source, message)
      return set == CURLE_OK ? curl_easy_perform(handle) : set
    }
    guard code != CURLE_OK else { return }
    var answer = 0
    // What libcurl does not tell stays 0.
    _ = carillon_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &answer)
    let words =
      message.pointee == 0
      ? String(cString: curl_easy_strerror(code)) : String(cString: message)
    // 530, 534 and 535 are about the login, 454 about TLS, and every 4xx passes (RFC 5321, 4.2.1).
    let isForGood = (500..<600).contains(answer) && ![530, 534, 535].contains(answer)
    throw fault(
      cause: answer > 0 ? "\(words) (the server says \(answer))" : words, isTransient: !isForGood)
  }

  private func fault(cause: String, isTransient: Bool) -> Fault {
    Fault(
      "send mail through", "\(host):\(port)", cause: cause,
      exit: isTransient ? .unavailable : .data, isTransient: isTransient)
  }

  private func prepare(
    _ handle: UnsafeMutableRawPointer, _ from: String,
    _ receivers: UnsafeMutablePointer<curl_slist>?, _ source: LetterSource,
    _ message: UnsafeMutablePointer<CChar>
  ) -> CURLcode {
    let name = host.contains(":") ? "[\(host)]" : host
    let scheme = security == .implicit ? "smtps" : "smtp"
    var codes = [
      carillon_curl_set_text(handle, CURLOPT_URL, "\(scheme)://\(name):\(port)"),
      carillon_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps"),
      carillon_curl_set_text(handle, CURLOPT_PROXY, ""),
      carillon_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
      carillon_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1),
      carillon_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2),
      carillon_curl_set_long(handle, CURLOPT_TIMEOUT_MS, Int(clamping: timeout.milliseconds)),
      carillon_curl_set_long(
        handle, CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: min(timeout, .seconds(10)).milliseconds)),
      carillon_curl_set_long(
        handle, CURLOPT_USE_SSL,
        Int(security == .none ? CURLUSESSL_NONE.rawValue : CURLUSESSL_ALL.rawValue)),
      carillon_curl_set_text(handle, CURLOPT_MAIL_FROM, "<\(from)>"),
      carillon_curl_set_pointer(handle, CURLOPT_MAIL_RCPT, receivers),
      carillon_curl_set_long(handle, CURLOPT_UPLOAD, 1),
      carillon_curl_set_pointer(
        handle, CURLOPT_READDATA, Unmanaged.passUnretained(source).toOpaque()),
      carillon_curl_set_writer(handle, CURLOPT_READFUNCTION, LetterSource.give),
      carillon_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, message),
    ]
    if let caFile { codes.append(carillon_curl_set_text(handle, CURLOPT_CAINFO, caFile)) }
    if let login {
      codes.append(carillon_curl_set_text(handle, CURLOPT_USERNAME, login.user))
      codes.append(
        login.password.reveal { carillon_curl_set_text(handle, CURLOPT_PASSWORD, $0) })
    }
    return codes.first { $0 != CURLE_OK } ?? CURLE_OK
  }
}

/// Gives libcurl a letter piece by piece.
private final class LetterSource {
  private let bytes: [UInt8]
  private var given = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  static let give: carillon_curl_writer = { buffer, size, count, context in
    guard let buffer, let context else { return 0 }
    let source = Unmanaged<LetterSource>.fromOpaque(context).takeUnretainedValue()
    let length = min(size * count, source.bytes.count - source.given)
    source.bytes.withUnsafeBytes { bytes in
      if length > 0, let start = bytes.baseAddress { memcpy(buffer, start + source.given, length) }
    }
    source.given += length
    return length
  }
}

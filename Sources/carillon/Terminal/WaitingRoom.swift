import Domain
import Glibc
import Logging
import Net
import Service

/// Waits, before the service begins, for what `CARILLON_WAIT_FOR` names.
struct WaitingRoom {
  let awaited: Awaited
  let log: Logger

  /// How long one of them may take to answer.
  private static let answerTimeout = TimeSpan.seconds(5)
  /// The pause between two rounds.
  private static let pause = TimeSpan.seconds(1)

  /// Returns when all have answered.
  ///
  /// - Throws: exit 69 when the time is up.
  func wait() throws {
    // The first process of a container is not ended by a signal that it has no handler for.
    for number in [SIGINT, SIGTERM] { signal(number) { _exit(128 + $0) } }
    defer { for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) } }
    let transport = try CurlTransport(userAgent: "carillon/\(Version.text)")
    defer { transport.shutdown() }
    let time = SystemTime()
    let began = time.uptime
    var answered: Set<Awaited.Target> = []
    var troubles: [Awaited.Target: String] = [:]
    while true {
      switch awaited.next(answered: answered, waited: time.uptime - began, troubles: troubles) {
      case .begin:
        log.info(
          "all that is waited for answers: \(awaited.targets.map(\.description).joined(separator: ", "))"
        )
        return
      case .giveUp(let fault):
        throw fault
      case .ask(let targets):
        for target in targets {
          let trouble = try trouble(of: target, transport)
          if trouble == nil { answered.insert(target) }
          if let trouble, troubles[target] != trouble {
            log.info("waiting for \(target): \(trouble)")
          }
          troubles[target] = trouble
        }
        if answered.count < awaited.targets.count { SystemTime.block(for: Self.pause) }
      }
    }
  }

  /// Why a target does not answer; nil when it does.
  private func trouble(of target: Awaited.Target, _ transport: CurlTransport) throws -> String? {
    switch target {
    case .tcp(let host, let port): return Self.knock(host, port)
    case .http(let url):
      let outcome = try Blocking.wait {
        await transport.outcome(of: HTTPRequest(url, timeout: Self.answerTimeout))
      }
      switch outcome {
      case .answered(let response):
        return response.status < 400 ? nil : "it answers \(response.status)"
      case .refused(let fault), .notSent(let fault), .unanswered(let fault): return fault.cause
      }
    }
  }

  /// Opens a connection and closes it.
  private static func knock(_ host: String, _ port: UInt16) -> String? {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, "\(port)", &hints, &found)
    guard code == 0 else { return String(cString: gai_strerror(code)) }
    defer { freeaddrinfo(found) }
    var trouble = "it has no address"
    var next = found
    while let address = next?.pointee {
      next = address.ai_next
      guard let words = refusal(address) else { return nil }
      trouble = words
    }
    return trouble
  }

  /// Why one address takes no connection; nil when it does.
  private static func refusal(_ address: addrinfo) -> String? {
    let descriptor = socket(
      address.ai_family,
      address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue)
        | Int32(SOCK_CLOEXEC.rawValue), address.ai_protocol)
    guard descriptor >= 0 else { return String(cString: strerror(errno)) }
    defer { close(descriptor) }
    if connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return nil }
    guard errno == EINPROGRESS else { return String(cString: strerror(errno)) }
    var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard poll(&polled, 1, Int32(answerTimeout.milliseconds)) > 0 else {
      return "no answer within \(answerTimeout)"
    }
    var reason: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &reason, &size) == 0 else {
      return String(cString: strerror(errno))
    }
    return reason == 0 ? nil : String(cString: strerror(reason))
  }
}

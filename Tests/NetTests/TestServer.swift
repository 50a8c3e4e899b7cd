import Glibc
import Synchronization
import Testing

/// An HTTP server on loopback that does what it is told, faults included. Each connection has a
/// thread of its own, so that a reply may hang without holding up another.
final class TestServer: Sendable {
  /// A request as it arrived.
  struct Request: Sendable {
    var line: String
    var headers: [String]
    var body: [UInt8]
    /// Which connection it came on, and which request it is, from 0.
    var connection: Int
    var number: Int

    var path: String { String(line.split(separator: " ")[1]) }
  }

  /// What to do with a request.
  enum Reply: Sendable {
    /// These bytes, and keep the connection.
    case bytes([UInt8])
    /// These bytes, and close the connection.
    case bytesThenClose([UInt8])
    /// These bytes, and then nothing until the client goes away.
    case hang(after: [UInt8])

    static func status(_ status: Int, headers: [String] = [], _ body: String = "") -> Reply {
      let lines =
        ["HTTP/1.1 \(status) Word"] + headers + ["Content-Length: \(body.utf8.count)", "", body]
      return .bytes(Array(lines.joined(separator: "\r\n").utf8))
    }
  }

  let port: UInt16
  let events: AsyncStream<Event>

  /// What the server saw.
  enum Event: Sendable {
    case request(String)
    case clientLeft
  }

  private let listener: Int32
  private let answer: @Sendable (Request) -> Reply
  private let emit: AsyncStream<Event>.Continuation
  private let counts = Mutex((connections: 0, requests: 0))

  var requests: Int { counts.withLock { $0.requests } }
  var connections: Int { counts.withLock { $0.connections } }

  init(_ answer: @escaping @Sendable (Request) -> Reply) throws {
    self.answer = answer
    (events, emit) = AsyncStream<Event>.makeStream()
    (listener, port) = try Self.listen()
    let argument = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<TestServer>.fromOpaque(argument).takeRetainedValue().accept()
        return nil
      }, argument.toOpaque())
    try #require(result == 0)
    pthread_detach(thread)
  }

  func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

  /// Ends the accepting thread.
  func stop() { Glibc.shutdown(listener, Int32(SHUT_RDWR)) }

  /// A listening socket on a free port of loopback.
  static func listen() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(descriptor >= 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port: UInt16? = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        guard bind(descriptor, generic, length) == 0, Glibc.listen(descriptor, 64) == 0,
          getsockname(descriptor, generic, &length) == 0
        else { return nil }
        return UInt16(bigEndian: pointer.pointee.sin_port)
      }
    }
    return (descriptor, try #require(port))
  }

  private func accept() {
    while true {
      let descriptor = Glibc.accept(listener, nil, nil)
      guard descriptor >= 0 else { break }
      let number = counts.withLock { counts in
        counts.connections += 1
        return counts.connections - 1
      }
      let argument = Unmanaged.passRetained(
        Connection(server: self, descriptor: descriptor, number: number))
      var thread = pthread_t()
      let result = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          Unmanaged<Connection>.fromOpaque(argument).takeRetainedValue().serve()
          return nil
        }, argument.toOpaque())
      precondition(result == 0, "no thread for a connection")
      pthread_detach(thread)
    }
    close(listener)
  }

  private final class Connection {
    let server: TestServer
    let descriptor: Int32
    let number: Int
    private var received: [UInt8] = []

    init(server: TestServer, descriptor: Int32, number: Int) {
      self.server = server
      self.descriptor = descriptor
      self.number = number
    }

    func serve() {
      defer {
        close(descriptor)
        server.emit.yield(.clientLeft)
      }
      while let request = next() {
        server.emit.yield(.request(request.path))
        switch server.answer(request) {
        case .bytes(let bytes):
          guard write(bytes) else { return }
        case .bytesThenClose(let bytes):
          _ = write(bytes)
          return
        case .hang(let bytes):
          guard write(bytes) else { return }
          while receive() {}
          return
        }
      }
    }

    private func next() -> Request? {
      let end = Array("\r\n\r\n".utf8)
      while true {
        if let start = received.indices.first(where: { received[$0...].starts(with: end) }) {
          let head = String(decoding: received[..<start], as: UTF8.self)
          var lines = head.split(separator: "\r\n").map(String.init)
          let line = lines.removeFirst()
          let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) }
          received.removeFirst(start + 4)
          while received.count < length ?? 0 { guard receive() else { return nil } }
          let body = Array(received.prefix(length ?? 0))
          received.removeFirst(body.count)
          let number = server.counts.withLock { counts in
            counts.requests += 1
            return counts.requests - 1
          }
          return Request(
            line: line, headers: lines, body: body, connection: self.number, number: number)
        }
        guard receive() else { return nil }
      }
    }

    private func receive() -> Bool {
      var block = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &block, block.count, 0)
      guard count > 0 else { return false }
      received += block[..<count]
      return true
    }

    private func write(_ bytes: [UInt8]) -> Bool {
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
          send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }
  }
}

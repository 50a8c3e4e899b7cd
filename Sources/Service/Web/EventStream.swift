import Domain
import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization

/// Tells open pages that something was committed, as a stream of server-sent events. What changed they
/// ask for themselves, so that a page has one way to be made.
final class EventStream: Sendable {
  private let readings: ServiceReadings
  private let open = Atomic<Int>(0)

  /// So many streams at once; whoever comes after asks every 15 s instead.
  static let maximumStreams = 128
  /// How often a stream looks whether something was committed.
  static let glance = TimeSpan.seconds(1)
  /// A comment goes out so often, so that nothing between here and the browser cuts a quiet stream.
  static let glancesPerComment = 15
  /// Pages are asked to look again so often also when this process committed nothing: another may
  /// have, and times pass.
  static let glancesPerRefresh = 60
  /// The browser waits so long before it comes back.
  private static let retryMilliseconds = 5000

  init(_ readings: ServiceReadings) { self.readings = readings }

  /// The answer to a request; it ends when whoever asked is gone, so that a browser that goes from page
  /// to page holds one stream and not one for each.
  func response(_ request: Request) -> Response {
    guard open.add(1, ordering: .relaxed).newValue <= Self.maximumStreams, !readings.isEnding else {
      open.subtract(1, ordering: .relaxed)
      return Response(status: .serviceUnavailable, headers: [.retryAfter: "15"])
    }
    var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
    if let name = HTTPFields.Element.Name("X-Accel-Buffering") { headers[name] = "no" }
    let place = Place { [self] in open.subtract(1, ordering: .relaxed) }
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { [readings] writer in
        defer { withExtendedLifetime(place) {} }
        do {
          try await request.body.consumeWithCancellationOnInboundClose { _ in
            try await Self.write(to: &writer, readings)
          }
        } catch is CancellationError {
          return  // nobody reads any more
        }
        try await writer.finish(nil)
      })
  }

  private static func write(
    to writer: inout any ResponseBodyWriter, _ readings: ServiceReadings
  ) async throws {
    var seen = try await readings.commits()
    try await writer.write(
      ByteBuffer(string: "retry: \(retryMilliseconds)\nid: \(seen)\n: open\n\n"))
    var quiet = 0
    while !readings.isEnding {
      try await readings.sleep(glance)
      quiet += 1
      let commits = try await readings.commits()
      if commits != seen || quiet % glancesPerRefresh == 0 {
        seen = commits
        quiet = 0
        try await writer.write(
          ByteBuffer(string: "id: \(commits)\nevent: commit\ndata: \(commits)\n\n"))
      } else if quiet % glancesPerComment == 0 {
        try await writer.write(ByteBuffer(string: ": still here\n\n"))
      }
    }
  }

  /// A place among the streams, given back when its body is gone, whether it was written or not.
  private final class Place: Sendable {
    private let leave: @Sendable () -> Void
    init(_ leave: @escaping @Sendable () -> Void) { self.leave = leave }
    deinit { leave() }
  }
}

import Dashboard
import Domain
import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization

/// Sends open pages what changed in them, as a stream of server-sent events: one for all pages that a browser
/// shows. Who names no page is told that something was committed.
final class EventStream: Sendable {
  private let readings: ServiceReadings
  private let pages: LivePages
  private let open = Atomic<Int>(0)

  /// So many streams at once; whoever comes after asks every 15 s instead.
  static let maximumStreams = 128
  /// Pages of a stream; of more the first.
  static let maximumPages = 8
  /// A comment goes out so often, so that nothing between here and the browser cuts a quiet stream.
  static let commentInterval = TimeSpan.seconds(15)
  /// Who names no page hears so often also when nothing was committed.
  static let refresh = TimeSpan.seconds(60)
  /// The browser waits so long before it comes back.
  private static let retryMilliseconds = 5000

  init(_ readings: ServiceReadings) {
    self.readings = readings
    pages = LivePages(readings)
  }

  /// The answer to a request; it ends when whoever asked is gone, so that a browser that goes from page
  /// to page holds one stream and not one for each.
  ///
  /// - Parameters:
  ///   - session: who asks, where there is a login.
  ///   - isStill: whether who asked may still see pages.
  func response(
    _ request: Request, _ session: Sessions.Session?,
    isStill: @escaping @Sendable () async throws -> Bool
  ) -> Response {
    guard open.add(1, ordering: .relaxed).newValue <= Self.maximumStreams, !readings.isEnding else {
      open.subtract(1, ordering: .relaxed)
      return Response(status: .serviceUnavailable, headers: [.retryAfter: "15"])
    }
    var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
    if let name = HTTPFields.Element.Name("X-Accel-Buffering") { headers[name] = "no" }
    let place = Place { [self] in open.subtract(1, ordering: .relaxed) }
    let shown = shown(request, session)
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { [self] writer in
        defer { withExtendedLifetime(place) {} }
        do {
          try await request.body.consumeWithCancellationOnInboundClose { _ in
            try await write(to: &writer, shown, secret: session?.form, isStill: isStill)
          }
        } catch is CancellationError {
          return  // nobody reads any more
        }
        try await writer.finish(nil)
      })
  }

  /// A page of a stream, and what the browser has of it.
  private struct Shown {
    var key: LivePage.Key
    /// The tag of the content.
    var tag: String?
    /// The number of the page that was sent last.
    var number = 0
  }

  /// The pages that a request names: `?page=/jobs%23TAG`.
  private func shown(_ request: Request, _ session: Sessions.Session?) -> [Shown] {
    let zone = PageQuery.zone(of: request).name
    var shown: [Shown] = []
    for (name, value) in request.uri.queryParameters where name == "page" {
      guard shown.count < Self.maximumPages else { break }
      let parts = value.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      guard let address = parts.first.map(String.init), address.count <= PageQuery.longestValue,
        DashboardRoutes.isPage(address),
        PageRoute.find(URI(address).path[...], hasHalt: !readings.isObserver) != nil
      else { continue }
      let key = LivePage.Key(address: address, zone: zone, mayAct: session?.mayAct == true)
      guard !shown.contains(where: { $0.key == key }) else { continue }
      shown.append(Shown(key: key, tag: parts.count > 1 ? String(parts[1]) : nil))
    }
    return shown
  }

  private func write(
    to writer: inout any ResponseBodyWriter, _ pages: [Shown], secret: String?,
    isStill: @Sendable () async throws -> Bool
  ) async throws {
    var shown = pages
    var seen = try await readings.commits()
    let listener = self.pages.listen(to: shown.map(\.key), from: seen)
    try await writer.write(
      ByteBuffer(string: "retry: \(Self.retryMilliseconds)\nid: \(seen)\n: open\n\n"))
    var (spoke, told, isTroubled) = (readings.uptime, readings.uptime, false)
    for await _ in listener.signals {
      // A stream outlasts no session.
      guard try await isStill() else { return }
      var events = ByteBuffer()
      for index in shown.indices {
        guard let page = self.pages.newest(shown[index].key), page.number != shown[index].number
        else { continue }
        events.writeImmutableBuffer(
          page.event(for: shown[index].tag, shown[index].key, secret: secret))
        (shown[index].tag, shown[index].number) = (page.digest.tag, page.number)
      }
      let (commits, trouble) = (self.pages.commits, self.pages.trouble)
      if trouble != nil, !isTroubled { events.writeString("event: trouble\ndata: trouble\n\n") }
      isTroubled = trouble != nil
      if shown.isEmpty, commits != seen || readings.uptime - told >= Self.refresh {
        events.writeString("id: \(commits)\nevent: commit\ndata: \(commits)\n\n")
        (seen, told) = (commits, readings.uptime)
      }
      if events.readableBytes == 0, readings.uptime - spoke >= Self.commentInterval {
        events.writeString(": still here\n\n")
      }
      guard events.readableBytes > 0 else { continue }
      spoke = readings.uptime
      try await writer.write(events)
    }
    try Task.checkCancellation()  // nobody reads any more: nothing is finished
  }

  /// A place among the streams, given back when its body is gone, whether it was written or not.
  private final class Place: Sendable {
    private let leave: @Sendable () -> Void
    init(_ leave: @escaping @Sendable () -> Void) { self.leave = leave }
    deinit { leave() }
  }
}

import Box
import Domain
import Net
import Synchronization

/// A price that stands: 100 in every minute, of 1000 each.
struct LevelSeries: PriceSeries {
  var begins = Instant(rfc3339: "2026-11-01T00:00:00Z")!
  var grains: [TimeSpan] { [.minutes(1)] }
  var minuteVolume: Double { 1000 }

  func candles(_ grain: TimeSpan, from: Instant, before: Instant) -> [Candle] {
    stride(from: from.milliseconds, to: before.milliseconds, by: 60_000).map {
      Candle(
        time: Instant(milliseconds: $0), open: 100, high: 100, low: 100, close: 100, volume: 1000)
    }
  }
}

/// Requests that go straight to the skin of an exchange in the box.
final class SkinTransport: HTTPTransport {
  private let skin: Mutex<any WireSkin>
  private let time: StandingTime
  private let calls = Mutex<[String]>([])

  init(_ skin: any WireSkin, _ time: StandingTime) {
    self.skin = Mutex(skin)
    self.time = time
  }

  /// The paths that were asked for, in order.
  var asked: [String] { calls.withLock { $0 } }

  /// The last part of each path that was asked for since so many, but of those that anybody may ask.
  func methods(since count: Int) -> [String] {
    asked[count...].filter { !$0.contains("/public/") }
      .map { path in path.split(separator: "/").last.map(String.init) ?? "" }
  }

  /// The lines of the journal since the last look.
  func takeJournal() -> [String] { skin.withLock { $0.floor.journal.take() } }

  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let rest = request.url.dropFirst("http://box".count)
    let parts = rest.split(separator: "?", maxSplits: 1)
    calls.withLock { $0.append(String(parts[0])) }
    var headers: [String: String] = [:]
    for field in request.headers { headers[field.name.lowercased()] = field.value }
    let asked = WireRequest(
      request.method, String(parts[0]), query: parts.count > 1 ? String(parts[1]) : "",
      headers: headers, body: String(decoding: request.body ?? [], as: UTF8.self))
    let now = time.now
    let reply = skin.withLock { $0.answer(asked, at: now, machine: now) }
    return HTTPResponse(
      status: reply.status, headers: reply.headers.map { HTTPField($0.key, $0.value) },
      body: reply.body)
  }
}

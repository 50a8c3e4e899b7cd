/// The formats of metrics, one of which the reader chooses by its `Accept` header.
enum MetricsFormat: String, CaseIterable, Sendable {
  /// Prometheus's own, version 0.0.4.
  case prometheus = "text/plain; version=0.0.4; charset=utf-8"
  /// OpenMetrics 1.0.
  case openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"

  /// The media type of a text.
  var mediaType: String { rawValue }

  /// The format that a reader wants more than the other: OpenMetrics only where it is named, in a
  /// version that is written here, since whoever takes anything may not know it.
  ///
  /// Source: RFC 9110, section 12.5.1: the `q` of a range is 1 unless it says otherwise.
  init(accept: String?) {
    var (openMetrics, text) = (0.0, 0.0)
    for range in (accept ?? "").split(separator: ",") {
      let parts = range.split(separator: ";").map {
        $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" }.lowercased()
      }
      guard let type = parts.first else { continue }
      let quality = parts.first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      let version = parts.first { $0.hasPrefix("version=") }?.dropFirst("version=".count)
      switch type {
      case "application/openmetrics-text" where version == nil || version == "1.0.0":
        openMetrics = max(openMetrics, quality)
      case "text/plain", "text/*", "*/*":
        text = max(text, quality)
      default: break
      }
    }
    self = openMetrics > 0 && openMetrics >= text ? .openMetrics : .prometheus
  }
}

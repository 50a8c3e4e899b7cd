import Domain

/// What a fetch came to over all its series: done, done in part, or failed.
struct FetchVerdict: Sendable {
  /// What became of one series.
  enum End: Sendable {
    /// Read up to the slot.
    case read
    /// Not read, for a reason that lies in the symbol: it is halted or gone. It fails nothing.
    case excused(String)
    /// Not read, or not believed.
    case failed(Fault)
  }

  /// So many series that failed are named.
  private static let namedSeries = 3

  private let ends: [(series: Series, end: End)]
  private let quorum: Double

  init(_ ends: [(series: Series, end: End)], quorum: Double) {
    (self.ends, self.quorum) = (ends, quorum)
  }

  private var failures: [(series: Series, fault: Fault)] {
    ends.compactMap { series, end in
      if case .failed(let fault) = end { (series, fault) } else { nil }
    }
  }

  /// Why the run failed; nil when enough series were read. One of them may succeed later where any
  /// of them may.
  var fault: Fault? {
    let failures = failures
    let counted = ends.count { if case .excused = $0.end { false } else { true } }
    guard let first = failures.first,
      Double(counted - failures.count) < quorum * Double(counted)
    else { return nil }
    let retryAfter = failures.compactMap(\.fault.retryAfter).max()
    var fault = failures.first { $0.fault.isTransient }?.fault ?? first.fault
    fault.retryAfter = retryAfter ?? fault.retryAfter
    guard failures.count > 1 || counted > 1 else { return fault }
    fault.cause =
      "\(fault.cause) (\(failures.count) of \(counted) series failed: "
      + "\(Self.names(failures.map(\.series))))"
    return fault
  }

  /// What a person should know of a run that succeeded; nil when every series was read.
  var caveat: String? {
    var remarks: [String] = []
    let failures = failures
    if let first = failures.first {
      remarks.append(
        "partial: \(failures.count) of \(ends.count) series failed: "
          + "\(Self.names(failures.map(\.series))): \(first.fault)")
    }
    remarks += ends.compactMap { series, end in
      if case .excused(let why) = end { "\(series.symbol) \(why)" } else { nil }
    }.prefix(Self.namedSeries)
    return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
  }

  private static func names(_ series: [Series]) -> String {
    let named = series.prefix(namedSeries).map { "\($0.symbol)" }.joined(separator: ", ")
    return series.count > namedSeries ? "\(named) and \(series.count - namedSeries) more" : named
  }
}
